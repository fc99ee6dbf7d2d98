import ScopeDissect
import ScopeModel

/// Whether a decrypted chain of payloads is what its exchange calls for, or chance.
enum Plausibility {
    /// The chain goes through to its end, only padding follows, and the payloads that must be there are.
    static func isWellFormed(_ chain: PayloadChain, _ step: IKEv1Step, hashLength: Int) -> Bool {
        guard chain.error == nil, let first = chain.payloads.first, chain.end <= chain.bytes.count,
            chain.bytes.count - chain.end < 256
        else { return false }
        let hash = chain.first(.hash)
        if let hash, hash.body.count != hashLength { return false }
        switch step {
        case .mainMode, .aggressive:
            return hash != nil || chain.contains(.signature)
        // Some put the HASH behind the notification, against RFC 2409 section 5.7.
        case .informational: return hash != nil
        case .quickMode, .transaction, .newGroup, .groupKeyPull: return first.type == .hash
        case .groupKeyPush: return false
        case .other: return true
        }
    }

    /// The HASH comes first where it has to: asked for where it does not vouch for the chain.
    static func isInOrder(_ chain: PayloadChain, _ step: IKEv1Step) -> Bool {
        guard case .informational = step else { return true }
        return chain.payloads.first?.type == .hash
    }

    /// Every reserved byte is zero and every body decodes: asked for where no HASH vouches for the chain.
    static func isStrict(_ chain: PayloadChain) -> Bool {
        for payload in chain.payloads {
            guard let reserved = chain.slice(payload.range).dropFirst().first, reserved == 0 else { return false }
            if case .malformed = payload.content { return false }
        }
        return true
    }
}
