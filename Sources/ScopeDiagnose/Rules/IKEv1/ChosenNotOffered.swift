import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder's transform is none of those that were offered.
struct ChosenNotOffered: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let suite = attempt.sa.suite, let offers = attempt.offers,
            let answer = attempt.first(.mainMode(2)) ?? attempt.first(.aggressive(2))
        else { return [] }
        let isOffered = offers.contains { $0.ike?.differences(from: suite).isEmpty ?? false }
        guard !isOffered else { return [] }
        return [
            Finding(
                .v1ChosenNotOffered, .proved, peers: attempt.peers,
                frames: [attempt.firstFrame, answer.firstFrame],
                summary: "\(attempt.responder) chose a phase 1 transform that \(attempt.initiator) did not offer",
                evidence: ["chosen: \(SuiteText.text(suite))"],
                advice: [
                    Finding.Advice(
                        "a fault of the peer, or somebody alters the packets: compare captures of both sides")
                ])
        ]
    }
}
