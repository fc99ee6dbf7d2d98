import ScopeDissect
import ScopeModel

/// Annotations on payloads whose bodies are encrypted one by one (RFC 2409 sections 5.2 and 5.3).
extension MessageMeaning {
    func sealedBodies(_ chain: PayloadChain) {
        let receiver = Wording.side(message.sender.other)
        for (seal, key) in [
            (BodySeal.publicKey, "the public key of "), (.nonceKey, "a key that follows from the nonce, which only "),
        ] as [(BodySeal, StaticString)] {
            let sealed = chain.payloads.filter { $0.seal == seal }
            guard !sealed.isEmpty else { continue }
            let names = sealed.map { "\($0.name) (\($0.body.count) bytes)" }.joined(separator: ", ")
            notes.note(
                sender, .text(" encrypts \(names) with "), .literal(key), receiver,
                seal == .publicKey ? ": only its private key opens that" : " can open")
        }
    }
}

extension Payload {
    /// What the body is encrypted with, where it is encrypted by itself; nil for a body in the clear.
    var seal: BodySeal? { if case .sealed(let seal) = content { seal } else { nil } }

    var isSealed: Bool { seal != nil }
}
