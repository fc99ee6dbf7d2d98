import ScopeDissect
import ScopeModel
import ScopeWire

/// The first negotiation whose NAT-D hashes do not match.
enum NATSeen {
    static func first(of pair: PairCase) -> (attempt: Attempt, frames: [Int])? {
        for attempt in pair.attempts {
            if let found = NATDetected().findings(attempt, in: pair).first(where: { $0.id == .natDetected }) {
                return (attempt, found.frames)
            }
        }
        return nil
    }
}
