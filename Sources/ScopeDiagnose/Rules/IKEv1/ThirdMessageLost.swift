import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder repeats Quick Mode message 2: message 3 does not arrive there.
struct ThirdMessageLost: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        attempt.messages.compactMap { message -> Finding? in
            guard message.step == .v1(.quickMode(2)), message.repeats > 0,
                let third = attempt.messages.first(where: {
                    $0.messageID == message.messageID && $0.step == .v1(.quickMode(3))
                }),
                message.lastTime > third.time
            else { return nil }
            let receiver = attempt.address(message.sender)
            return Finding(
                .qm3Lost, .likely, peers: attempt.peers, frames: Attempt.frames([message, third]),
                summary: "Quick Mode message 3 does not reach \(receiver), which repeats message 2",
                evidence: ["message 2 was sent \(message.transmissions) times, also after message 3 passed here"],
                advice: [Finding.Advice("look for loss between this tap and \(receiver)")])
        }
    }
}
