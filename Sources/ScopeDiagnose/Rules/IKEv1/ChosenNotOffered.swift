import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder's transform is none of those that were offered.
struct ChosenNotOffered: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let chosen = attempt.sa.chosen, let offer = attempt.offer,
            let answer = attempt.first(.mainMode(2)) ?? attempt.first(.aggressive(2))
        else { return [] }
        let attributes: [UInt16] = [1, 2, 3, 4, 14]
        let isOffered = offer.proposals.flatMap(\.transforms).contains { transform in
            attributes.allSatisfy { transform.value($0) == chosen.value($0) }
        }
        guard !isOffered else { return [] }
        return [
            Finding(
                .v1ChosenNotOffered, .proved, peers: attempt.peers,
                frames: [attempt.firstFrame, answer.firstFrame],
                summary: "\(attempt.responder) chose a phase 1 transform that \(attempt.initiator) did not offer",
                evidence: ["chosen: \(TransformText.phase1(chosen))"],
                advice: [
                    Finding.Advice(
                        "a fault of the peer, or somebody alters the packets: compare captures of both sides")
                ])
        ]
    }
}
