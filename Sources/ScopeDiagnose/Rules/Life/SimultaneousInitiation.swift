import ScopeDissect
import ScopeModel
import ScopeWire

/// Both sides begin at once: a fact.
struct SimultaneousInitiation: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // What is refused at once makes no SA.
        guard let frame = pair.crossed(by: attempt), attempt.sa.stage >= .answered,
            // One that nobody ever answered makes none either.
            pair.attempts.first(where: { $0.firstFrame == frame }).map({ $0.sa.stage >= .answered }) ?? true
        else { return [] }
        return [
            Finding(
                .simultaneousInit, .proved, peers: attempt.peers,
                frames: [frame, attempt.firstFrame],
                summary: "\(attempt.responder) and \(attempt.initiator) began at the same time: two IKE SAs",
                evidence: ["each side sent its message 1 before the negotiation of the other was complete"],
                advice: [Finding.Advice("harmless once; if it happens often, let only one side start")])
        ]
    }
}
