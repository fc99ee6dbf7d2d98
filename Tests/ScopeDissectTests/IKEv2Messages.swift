import ScopeDissect
import ScopeWire
import TestSupport

/// IKEv2 messages written down payload by payload.
enum IKEv2Messages {
    /// The one payload of a message that holds nothing else, and the field tree of the message.
    static func only(_ type: PayloadType, _ body: [UInt8]) throws -> (Payload, PayloadChain) {
        let bytes = Messages.chain([(type, body)], version: 0x20, exchange: 34)
        let recorder = FieldRecorder()
        let message = try ISAKMPMessage(bytes: bytes, recorder: recorder)
        if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<bytes.count) { throw Messages.Flaw(what: flaw) }
        guard message.chain.payloads.count == 1, let payload = message.chain.payloads.first else {
            throw Messages.Flaw(what: "\(message.chain.payloads.count) payloads")
        }
        return (payload, message.chain)
    }

    /// What the one payload of a message says, and what is wrong with it.
    static func content(_ type: PayloadType, _ body: [UInt8]) throws -> (IKEv2.Content, DecodeError?) {
        let (payload, _) = try only(type, body)
        guard case .ikev2(let content) = payload.content else { throw Messages.Flaw(what: "\(payload.content)") }
        return (content, payload.problem)
    }

    static func notify(
        _ type: Int, proto: UInt8 = 0, spi: [UInt8] = [], _ data: [UInt8]
    ) throws -> (IKEv2.Notify, DecodeError?) {
        let (content, problem) = try content(.notify, [proto, UInt8(spi.count)] + Packets.u16(type) + spi + data)
        guard case .notify(let notify) = content else { throw Messages.Flaw(what: "\(content)") }
        return (notify, problem)
    }

    /// A transform substructure (RFC 7296 section 3.3.2).
    static func transform(_ type: Int, _ id: Int, last: Bool = false, keyLength: Int? = nil) -> [UInt8] {
        let attributes = keyLength.map { Messages.short(14, $0) } ?? []
        return [last ? 0 : 3, 0] + Packets.u16(8 + attributes.count) + [UInt8(type), 0] + Packets.u16(id) + attributes
    }

    /// AES-CBC 256, HMAC-SHA2-256, its PRF, MODP 2048; the last one is marked as such.
    static let suite = [
        transform(1, 12, keyLength: 256), transform(3, 12), transform(2, 5), transform(4, 14, last: true),
    ]
}
