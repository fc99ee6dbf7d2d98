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

    /// The peers that a NAT hides, by the hashes of the two and not by who sends: nobody where there are none.
    static func inside(of attempt: Attempt) -> [IPAddress] {
        var hidden: [IPAddress] = []
        for role in [Role.initiator, .responder] {
            guard let matches = attempt.natDiscovery[role], !matches.contains(.unknown) else { continue }
            let (own, other) = (attempt.address(role), attempt.address(role.other))
            if !matches.contains(.source), !hidden.contains(own) { hidden.append(own) }
            if !matches.contains(.destination), !hidden.contains(other) { hidden.append(other) }
        }
        return hidden
    }
}
