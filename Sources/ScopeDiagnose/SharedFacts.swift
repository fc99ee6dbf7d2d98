import ScopeModel

/// Facts that very many peers have in common, kept once: which vendors they are, how their NAT-D hashes stand.
struct SharedFacts {
    private var vendors: Set<[Role: Set<String>]> = []
    private var natDiscovery: Set<[Role: [NATDiscoveryMatch]]> = []
    private static let most = 256

    /// Has `attempt` hold the copies that others hold.
    mutating func share(_ attempt: inout Attempt) {
        Self.share(&attempt.vendors, &vendors)
        Self.share(&attempt.natDiscovery, &natDiscovery)
    }

    private static func share<Fact: Hashable>(_ fact: inout Fact, _ known: inout Set<Fact>) {
        if known.count >= most { known.removeAll() }
        fact = known.insert(fact).memberAfterInsert
    }
}
