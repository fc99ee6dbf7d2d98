import ScopeDissect
import ScopeModel
import ScopeWire

/// AH without ESP inside, where the negotiation that made it cannot be read: whoever looks on reads the traffic.
struct AHAlone: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.attempts.contains(where: \.mayHaveChildren), pair.attempts.allSatisfy(\.pairs.isEmpty) else {
            return []
        }
        let outer = pair.accounts.filter { $0.isAH && $0.packets > 0 && $0.enclosure.depth == 0 }
        guard let first = outer.first, !pair.accounts.contains(where: { $0.enclosure.depth > 0 && !$0.isAH }) else {
            return []
        }
        return [
            Finding(
                .ahNoEncryption, .proved, layer: .hygiene, peers: pair.peers, spi: first.spi,
                frames: outer.prefix(8).map(\.firstFrame),
                summary: "only AH: the traffic is authenticated, but anyone can read it",
                advice: [Finding.Advice("add ESP if the traffic is meant to be secret")])
        ]
    }
}
