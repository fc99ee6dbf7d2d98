import ScopeDissect
import ScopeModel
import ScopeWire

/// A protected message whose HASH is not right.
struct Phase2HashWrong: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let wrong = attempt.messages.compactMap { message -> (message: Attempt.Message, name: ProofKind)? in
            guard case .failed(let name) = message.proof, message.isOpened, message.isEncrypted, !message.isHashBehind
            else { return nil }
            return message.step.isOfSetUp ? nil : (message, name)
        }
        guard let first = wrong.first else { return [] }
        let sender = attempt.address(first.message.sender)
        return [
            Finding(
                .hashPhase2Wrong, .proved, severity: attempt.isUp ? .warning : .error, peers: attempt.peers,
                frames: Attempt.frames(wrong.map(\.message)),
                summary: "\(first.name) in a message of \(sender) is wrong: the peer discards the message",
                evidence: wrong.prefix(4).map { entry in
                    "frame \(entry.message.firstFrame): it opens with the key of this IKE SA, but \(entry.name) does not match its content"
                },
                advice: [
                    Finding.Advice(
                        "look for a software fault at the sender, or for somebody who alters or injects packets",
                        on: sender, ios: ["show version", "debug crypto isakmp"])
                ])
        ]
    }
}
