import ScopeDissect
import ScopeWire
import TestSupport

/// IKEv1 messages written down payload by payload.
enum Messages {
    /// A chain: each payload's type and body.
    static func chain(_ payloads: [(PayloadType, [UInt8])], version: UInt8 = 0x10, exchange: UInt8 = 2) -> [UInt8] {
        var bytes = [UInt8](hex: "a731d9fb495cb474 31c0aca132508ad9")
        bytes += [payloads.first?.0.rawValue ?? 0, version, exchange, 0, 0, 0, 0, 0]
        var body: [UInt8] = []
        for (index, payload) in payloads.enumerated() {
            let next = index + 1 < payloads.count ? payloads[index + 1].0.rawValue : 0
            body += [next, 0] + Packets.u16(payload.1.count + 4) + payload.1
        }
        return bytes + Packets.u32(28 + body.count) + body
    }

    /// The one payload of a message that holds nothing else.
    static func only(_ type: PayloadType, _ body: [UInt8]) throws -> (Payload, PayloadChain) {
        let message = try ISAKMPMessage(bytes: chain([(type, body)]))
        let recorder = FieldRecorder()
        let recorded = try ISAKMPMessage(bytes: message.bytes, recorder: recorder)
        if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<message.bytes.count) { throw Flaw(what: flaw) }
        guard recorded.chain.payloads.count == 1, let payload = message.chain.payloads.first else {
            throw Flaw(what: "\(message.chain.payloads.count) payloads")
        }
        return (payload, message.chain)
    }

    struct Flaw: Error { var what: String }

    static func transform(_ number: Int, _ id: Int, last: Bool = true, _ attributes: [UInt8]) -> [UInt8] {
        [last ? 0 : 3, 0] + Packets.u16(8 + attributes.count) + [UInt8(number), UInt8(id), 0, 0] + attributes
    }

    static func proposal(
        _ number: Int, _ proto: Int, spi: [UInt8] = [], last: Bool = true, count: Int? = nil, _ transforms: [[UInt8]]
    ) -> [UInt8] {
        let body = spi + transforms.joined()
        return [last ? 0 : 2, 0] + Packets.u16(8 + body.count)
            + [UInt8(number), UInt8(proto), UInt8(spi.count), UInt8(count ?? transforms.count)] + body
    }

    static func sa(_ proposals: [UInt8]) -> [UInt8] { [0, 0, 0, 1, 0, 0, 0, 1] + proposals }

    static func short(_ type: Int, _ value: Int) -> [UInt8] { Packets.u16(type | 0x8000) + Packets.u16(value) }
    static func long(_ type: Int, _ value: [UInt8]) -> [UInt8] {
        Packets.u16(type) + Packets.u16(value.count) + value
    }

    /// AES-CBC 256, SHA, pre-shared key, group 2, 28800 seconds.
    static let policy =
        short(1, 7) + short(14, 256) + short(2, 2) + short(3, 1) + short(4, 2) + short(11, 1)
        + long(12, [0, 0, 0x70, 0x80])
}
