import ScopeDissect
import ScopeModel
import ScopeWire

/// Where a message holds what is not to be shown unless secrets are asked for.
extension ISAKMPMessage {
    private static let secretive: [PayloadType] = [
        .attributes, .keyDownload, .eap, .passwordMethod, .keyDownloadV2,
    ]

    /// XAUTH passwords travel in transactions, those of EAP in its payload, keys of a group in Key Downloads; nothing else
    /// has payloads for them.
    func mayHoldSecrets(_ chain: PayloadChain?) -> Bool {
        guard header.exchange != .transaction else { return true }
        return chain.map { chain in Self.secretive.contains { chain.contains($0) } } ?? false
    }
}

extension IKEMessage {
    /// The places of secrets in the bytes of `chain`, the decrypted payloads of this message.
    func secrets(in chain: PayloadChain) -> [Range<Int>] {
        let recorder = FieldRecorder()
        _ = message.chain(ofPlaintext: chain.bytes, first: chain.firstType, recorder: recorder)
        let isDoubtful = message.mayHoldSecrets(chain)
        return recorder.nodes.flatMap { $0.secrets(in: chain.bytes, isDoubtful: isDoubtful) }
    }
}

extension FieldNode {
    /// Places in this field of `bytes` that hold what a user typed to prove who they are.
    ///
    /// Where a structure with such attributes does not decode, what is left of it may hold one as well: with
    /// `isDoubtful` all that was not understood counts as secret, and all that stands behind a secret whose length may
    /// be a lie.
    func secrets(in bytes: [UInt8], isDoubtful: Bool) -> [Range<Int>] {
        let inside = children.flatMap { $0.secrets(in: bytes, isDoubtful: isDoubtful) }
        if isDoubtful, name == "CFG" || name == "EAP", isFaulty, let first = inside.map(\.lowerBound).min() {
            return [first..<max(first, range.upperBound)]
        }
        if isOmission { return isDoubtful ? [range.lowerBound..<max(range.lowerBound, bytes.count)] : [] }
        let isSecret =
            switch name {
            case "secret": true
            case "not decoded", "data": isDoubtful
            case "padding": isDoubtful && bytes[range.clamped(to: 0..<bytes.count)].contains { $0 != 0 }
            default: false
            }
        return isSecret ? inside + [range] : inside
    }

    private var isFaulty: Bool { error != nil || children.contains(where: \.isFaulty) }
}
