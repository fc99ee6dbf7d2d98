import ScopeDissect
import ScopeModel

/// Facts that very many peers have in common, kept once: which vendors they are, how their NAT-D hashes stand, what they
/// propose.
struct SharedFacts {
    private var vendors: Set<[Role: Set<String>]> = []
    private var natDiscovery: Set<[Role: [NATDiscoveryMatch]]> = []
    private var offers: Set<[Offer]> = []
    private var proposals: Set<[Attempt.Proposed]> = []
    private static let most = 256

    /// Has `attempt` hold the copies that others hold.
    mutating func share(_ attempt: Attempt) {
        Self.share(&attempt.vendors, &vendors)
        Self.share(&attempt.natDiscovery, &natDiscovery)
    }

    /// The copy of `offers` that others hold, and what it costs who holds it first.
    mutating func share(_ offers: [Offer]) -> ([Offer], cost: Int) {
        var shared = offers
        // Those of phase 2 have SPIs of their own.
        let isNew = offers.contains { $0.spi != nil } || Self.share(&shared, &self.offers)
        return (shared, isNew ? 32 + offers.count * MemoryLayout<Offer>.stride : 0)
    }

    /// The copy of `proposals` that others hold, and what it costs who holds it first.
    mutating func share(_ proposals: [Attempt.Proposed]) -> ([Attempt.Proposed], cost: Int) {
        var shared = proposals
        let isNew = Self.share(&shared, &self.proposals)
        return (shared, isNew ? proposals.reduce(32) { $0 + $1.heldBytes } : 0)
    }

    /// True when nobody has it yet.
    @discardableResult
    private static func share<Fact: Hashable>(_ fact: inout Fact, _ known: inout Set<Fact>) -> Bool {
        if known.count >= most { known.removeAll() }
        let (isNew, shared) = known.insert(fact)
        fact = shared
        return isNew
    }
}
