import ScopeDissect
import ScopeModel

/// Facts that very many peers have in common, kept once: which vendors they are, how their NAT-D hashes stand, what they
/// propose.
struct SharedFacts {
    private var vendors: Set<[Role: Set<String>]> = []
    private var natDiscovery: Set<[Role: [NATDiscoveryMatch]]> = []
    private var transforms: Set<[Transform]> = []
    private var proposals: Set<[Proposal]> = []
    private static let most = 256

    /// Has `attempt` hold the copies that others hold.
    mutating func share(_ attempt: inout Attempt) {
        Self.share(&attempt.vendors, &vendors)
        Self.share(&attempt.natDiscovery, &natDiscovery)
    }

    /// The copy of `transform` that others hold, and what it costs who holds it first.
    mutating func share(_ transform: Transform) -> (Transform, cost: Int) {
        var one = [transform]
        let cost = Self.share(&one, &transforms) ? one.heldBytes : 0
        return (one.first ?? transform, cost)
    }

    mutating func share(_ offer: Offer) -> (Offer, cost: Int) {
        var offer = offer
        var cost = 0
        var hasSPIs = false
        for index in offer.proposals.indices {
            if Self.share(&offer.proposals[index].transforms, &transforms) {
                cost += offer.proposals[index].transforms.heldBytes
            }
            if !offer.proposals[index].spi.isEmpty { hasSPIs = true }
        }
        // Those of phase 2 have numbers of their own.
        let isNew = hasSPIs || Self.share(&offer.proposals, &proposals)
        if isNew { cost += 32 + offer.proposals.count * (MemoryLayout<Proposal>.stride + (hasSPIs ? 48 : 0)) }
        return (offer, cost)
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
