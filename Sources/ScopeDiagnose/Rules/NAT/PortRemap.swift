import ScopeDissect
import ScopeModel
import ScopeWire

/// A NAT gives the initiator another port in the middle of a session.
struct PortRemap: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // Who moves to another address has another port there.
        guard MobikeMove().findings(attempt, in: pair).isEmpty else { return [] }
        let floated = attempt.sent(by: .initiator).filter { $0.ports.1 == 4500 }
        guard let first = floated.first, let moved = floated.first(where: { $0.ports.0 != first.ports.0 }) else {
            return []
        }
        return [
            Finding(
                .portRemap, .proved, peers: attempt.peers, frames: [first.firstFrame, moved.firstFrame],
                summary: "the port of \(attempt.initiator) changed from \(first.ports.0) to \(moved.ports.0)",
                evidence: ["the same IKE SA, from another source port: a NAT forgot the old one"],
                advice: [
                    Finding.Advice(
                        "send keepalives more often", on: attempt.initiator, ios: [attempt.ios.natKeepalive])
                ])
        ]
    }
}
