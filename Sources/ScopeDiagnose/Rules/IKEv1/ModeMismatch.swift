import ScopeDissect
import ScopeModel
import ScopeWire

/// Aggressive Mode meets a responder that takes Main Mode alone.
struct ModeMismatch: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.sa.mode == .aggressive, attempt.first(.aggressive(2)) == nil,
            let refusal = attempt.sent(by: .responder).first(where: {
                !$0.isEncrypted && ($0.has(.failedAuthentication) || $0.has(.wrongExchange))
            })
        else { return [] }
        let name = refusal.notifications.first.map { "\($0.type)" } ?? "a notification"
        return [
            Finding(
                .modeMismatch, .likely, peers: attempt.peers,
                frames: [attempt.firstFrame] + refusal.frames.prefix(1),
                summary: "\(attempt.responder) refuses Aggressive Mode from \(attempt.initiator)",
                evidence: ["Aggressive Mode message 1 is answered by \(name) in the clear, no message 2 follows"],
                advice: [
                    Finding.Advice("use Main Mode", on: attempt.initiator),
                    Finding.Advice(
                        "or allow Aggressive Mode", on: attempt.responder,
                        ios: ["no crypto isakmp aggressive-mode disable"]),
                ], lookAlikes: ["an identity that the responder does not know", "no common proposal"])
        ]
    }
}
