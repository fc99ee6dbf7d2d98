import ScopeDissect
import ScopeModel
import ScopeWire

/// Somebody tries what a gateway answers, and builds no tunnel.
struct Scan: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let tries = pair.attempts.filter {
            $0.isFromStart && $0.sa.isHalfOpen && !$0.isAuthenticated && $0.initiator == pair.initiator
        }
        guard tries.count >= 2, tries.count == pair.attempts.count,
            Set(tries.map(\.sa.kind)).count > 1,
            tries.allSatisfy({ $0.messages.allSatisfy { $0.sender == .responder || $0.repeats == 0 } })
        else { return [] }
        return [
            Finding(
                .spoofOrScan, .likely, peers: pair.peers, frames: tries.map(\.firstFrame),
                summary: "\(pair.initiator) tries \(pair.responder) in several ways and builds no tunnel: a scan",
                evidence: ["\(tries.count) first messages of different kinds, and no third message after any of them"],
                advice: [Finding.Advice("filter it if it is not yours", on: pair.responder)],
                lookAlikes: ["a device that tries one mode after the other"])
        ]
    }
}
