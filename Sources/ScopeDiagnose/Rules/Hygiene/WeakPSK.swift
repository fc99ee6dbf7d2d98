import ScopeDissect
import ScopeModel
import ScopeWire

/// The pre-shared key is one of a list of candidates.
struct WeakPSK: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let shown = attempt.messages.first { $0.provedKey?.listLine != nil }
        guard let line = attempt.keys.provedKeys?.listLine ?? shown?.provedKey?.listLine else { return [] }
        let proof =
            attempt.messages.last {
                [.verified(.hashI), .verified(.hashR)].contains($0.proof)
            } ?? shown ?? attempt.proofOfInitiator
        return [
            Finding(
                .weakPSKFound, .proved, peers: attempt.peers,
                frames: proof.map { [$0.firstFrame] } ?? [attempt.firstFrame],
                summary:
                    "the pre-shared key of \(attempt.initiator) and \(attempt.responder) is in the list of candidates (line \(line))",
                evidence: [shown == nil ? "the HASH of phase 1 is right with this key" : "AUTH is right with this key"],
                advice: [
                    Finding.Advice(
                        "use a long random key, the same on both sides",
                        ios: attempt.ios.key(for: nil)),
                    Finding.Advice("or certificates"),
                ])
        ]
    }
}
