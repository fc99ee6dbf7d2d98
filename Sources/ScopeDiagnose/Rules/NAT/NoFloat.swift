import ScopeDissect
import ScopeModel
import ScopeWire

/// Message 5 stays on UDP 500 though a NAT was found (RFC 3947 section 4).
struct NoFloat: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let message = attempt.proofOfInitiator, attempt.sa.mode != .aggressive, message.ports == (500, 500),
            let matches = attempt.natDiscovery[.initiator], !matches.contains(.unknown),
            !(matches.contains(.source) && matches.contains(.destination)), !attempt.isAuthenticated,
            attempt.natDiscovery[.responder] != nil || attempt.offersNATTraversal(.responder)
        else { return [] }
        return [
            Finding(
                .noFloat, .proved, peers: attempt.peers, frames: message.frames,
                summary: "\(attempt.initiator) stays on UDP 500 though a NAT was found",
                evidence: [
                    "\(message.name) is sent from 500 to 500, and no NAT-D hash of the initiator's address matches"
                ],
                advice: [
                    Finding.Advice(
                        "a fault of this peer's NAT traversal: update it, or remove the NAT", on: attempt.initiator)
                ])
        ]
    }
}
