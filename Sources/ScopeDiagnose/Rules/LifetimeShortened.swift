import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder uses an SA for a shorter time than was offered: a fact.
struct LifetimeShortened: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let message = attempt.messages.first(where: { $0.has(24576) }),
            let notification = message.notifications.first(where: { $0.type == .responderLifetime })
        else { return [] }
        let isPhase1 = notification.protocolID == .isakmp
        return [
            Finding(
                isPhase1 ? "p1-lifetime-differs" : "p2-lifetime-differs", .note, .proved, isPhase1 ? .phase1 : .phase2,
                peers: attempt.peers, frames: message.frames,
                summary:
                    "\(attempt.address(message.sender)) uses the \(isPhase1 ? "IKE SA" : "IPsec SAs") for a shorter time than was offered",
                evidence: ["RESPONDER-LIFETIME"], advice: [Finding.Advice("set the same lifetime on both sides")])
        ]
    }
}
