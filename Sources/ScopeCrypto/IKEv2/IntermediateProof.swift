import ScopeDissect
import ScopeModel

/// What IKE_INTERMEDIATE adds to AUTH (RFC 9242 section 3.3.2): a chain of prf values for each side.
struct IntermediateProof {
    private var chains = ByRole<Secret>()
    /// Of the last IKE_INTERMEDIATE exchange.
    private var messageID: UInt32 = 0
    /// Of the first IKE_AUTH exchange that was read.
    private var authenticationID: UInt32?

    /// IntAuth_n = prf(SK_p, IntAuth_(n-1) | A | P): A is the message up to the header of SK, P its payloads, both as if
    /// nothing had been added to encrypt them, and as if the message had come in one piece.
    mutating func take(_ message: IKEv2Opened, _ prf: PseudorandomFunction, proof: Secret) {
        let payloads = message.chain.slice(0..<message.chain.end)
        let first = message.chain.payloads.first?.type ?? .none
        let length = ISAKMPHeader.length + message.clear.count + 4 + payloads.count
        let sealed: [UInt8] = [first.rawValue, 0] + Self.bytes(UInt64(4 + payloads.count), 2)
        let before: [HashInput] = chains[message.sender].map { [.secret($0)] } ?? []
        let parts: [HashInput] = [
            .bytes(Self.header(of: message, length: length)), .bytes(message.clear), .bytes(sealed),
            .bytes(Array(payloads)),
        ]
        guard let next = try? prf(proof, before + parts) else { return }
        chains[message.sender] = next
        messageID = max(messageID, message.header.messageID)
    }

    /// Notes a message of IKE_AUTH: its first exchange comes right behind the last IKE_INTERMEDIATE.
    mutating func note(authentication id: UInt32) { authenticationID = authenticationID ?? id }

    /// IntAuth_i | IntAuth_r | IKE_AUTH_MID; empty where there was no such exchange, nil where a message of it is missing.
    var inputs: [HashInput]? {
        // IKE_SA_INIT has number 0.
        if chains.isEmpty { return authenticationID ?? 1 <= 1 ? [] : nil }
        guard let i = chains[.initiator], let r = chains[.responder], authenticationID == messageID &+ 1 else {
            return nil
        }
        return [.secret(i), .secret(r), .u32(messageID &+ 1)]
    }

    /// The header with the length that the message has without IV, padding and ICV.
    private static func header(of message: IKEv2Opened, length: Int) -> [UInt8] {
        let header = message.header
        // Behind payloads in the clear, the header names the first of them; else SK, also where pieces came as SKF.
        let next = message.clear.isEmpty ? PayloadType.encrypted : header.nextPayload
        return bytes(header.initiatorSPI, 8) + bytes(header.responderSPI, 8)
            + [next.rawValue, header.version, header.exchange.rawValue, header.flags.rawValue]
            + bytes(UInt64(header.messageID), 4) + bytes(UInt64(length), 4)
    }

    private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }
}
