import ScopeDissect
import ScopeModel
import ScopeWire

/// Message 5 goes to UDP 4500 again and again, and nothing comes back from there.
struct Port4500Blocked: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let message = attempt.proofOfInitiator, message.ports.1 == 4500 || message.ports.0 == 4500,
            message.repeats > 0,
            !attempt.isAnything(by: .responder, after: message) || onlyRepeatsBefore(attempt, message)
        else { return [] }
        return [
            Finding(
                .nat4500Blocked, Stall.certainty(of: message, at: pair.captureEnd), peers: attempt.peers,
                frames: message.frames,
                summary:
                    "nothing comes back since the move to UDP 4500: the port seems blocked between \(attempt.initiator) and \(attempt.responder)",
                evidence: [
                    attempt.ios.beforeProof,
                    "\(message.name) was sent \(message.transmissions) times on UDP 4500, and \(attempt.responder) sent nothing on any port after it",
                ],
                advice: [
                    Finding.Advice(
                        "let UDP 4500 pass in both directions, on the way and on the host",
                        ios: ["permit udp any any eq non500-isakmp"])
                ],
                lookAlikes: [
                    "different pre-shared keys with a responder that keeps silent",
                    "\(message.name) lost in IP fragments",
                ])
        ]
    }

    /// The responder repeats message 4 on 500: it did not get message 5 either.
    private func onlyRepeatsBefore(_ attempt: Attempt, _ message: Attempt.Message) -> Bool {
        !attempt.messages.contains {
            $0.sender == .responder && ($0.time > message.time || $0.lastTime > message.time && $0.ports.0 == 4500)
        }
    }
}
