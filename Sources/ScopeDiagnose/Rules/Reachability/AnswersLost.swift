import ScopeDissect
import ScopeModel
import ScopeWire

/// The first message and its answer are both sent again and again: the answer does not arrive.
struct AnswersLost: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let first = attempt.messages.first, attempt.isFromStart, first.repeats > 0, attempt.endsWithFirstAnswer,
            let answer = attempt.firstAnswer,
            answer.repeats > 0 || first.repeats > 1 && first.lastTime > answer.time
        else { return [] }
        return [
            Finding(
                .udp500OneWay, Stall.certainty(of: first, at: pair.captureEnd), peers: attempt.peers,
                frames: Attempt.frames([first, answer]),
                summary: "the answers of \(attempt.responder) do not reach \(attempt.initiator)",
                evidence: [
                    "\(first.name) was sent \(first.transmissions) times, also after the answer in frame \(answer.firstFrame) passed here"
                ],
                advice: [
                    Finding.Advice(
                        "check the way back from this tap: access lists, NAT, routes", on: attempt.initiator,
                        ios: ["show access-lists", "crypto map MAP local-address INTERFACE"])
                ], lookAlikes: ["an initiator that refuses the answer and tries again"])
        ]
    }
}
