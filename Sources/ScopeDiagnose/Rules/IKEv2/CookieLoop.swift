import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder wants a cookie again and again, and never takes one (RFC 7296 section 2.6).
struct CookieLoop: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let demands = attempt.messages.filter { $0.isInitial && $0.step.isAnswer && $0.isCookie }
        let asked = demands.reduce(0) { $0 + $1.transmissions }
        guard asked > 1, attempt.firstAnswer == nil, attempt.authentications.isEmpty, let first = demands.first else {
            return []
        }
        let returned = attempt.messages.contains { $0.isInitial && !$0.step.isAnswer && $0.isCookie }
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        return [
            Finding(
                .v2CookieLoop, .proved, peers: attempt.peers, frames: Attempt.frames(demands),
                summary: returned
                    ? "\(responder) wants a cookie \(asked) times, and takes none of those that \(initiator) returns"
                    : "\(responder) wants a cookie \(asked) times, and \(initiator) returns none",
                evidence: [
                    "COOKIE in \(Words.frames(first.frames)) and later, no other answer",
                    returned ? "IKE_SA_INIT was sent again with a cookie" : "IKE_SA_INIT was sent again without it",
                ],
                advice: [
                    Finding.Advice(
                        returned
                            ? "look for a NAT that gives it another address or port with each packet: the cookie is bound to them"
                            : "update it: it does not answer a COOKIE", on: initiator),
                    Finding.Advice(
                        "or ask for cookies only under load", on: responder, ios: ["crypto ikev2 cookie-challenge 100"]),
                ])
        ]
    }
}

extension Attempt.Message {
    /// It carries a COOKIE.
    var isCookie: Bool { notifications.contains { $0.type == .v2(.cookie) } }
}
