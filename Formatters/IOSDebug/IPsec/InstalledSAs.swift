import ScopeDissect
import ScopeModel
import ScopeWire

/// A pair of IPsec SAs at the device whose lines are printed.
struct InstalledPair {
    var local: IPAddress
    var peer: IPAddress
    var suite: ChildSuite
    var inbound: UInt32?
    var outbound: UInt32?
    var localProxy: IPsecProxy
    var remoteProxy: IPsecProxy
}

/// The pairs that were installed and not deleted yet: a delete names only an SPI.
///
/// They outlive the IKE SA that made them, so they are kept apart from its memory.
struct InstalledSAs {
    private struct Key: Hashable {
        var local: IPAddress
        var peer: IPAddress
        var spi: UInt32
        var isInbound: Bool
    }

    private var pairs = RecentTable<Int, InstalledPair>(limit: 4096, bytes: 8 << 20)
    /// The latest pair under each SPI of each end.
    private var places: [Key: Int] = [:]
    private var added = 0

    mutating func add(_ pair: InstalledPair) {
        added += 1
        for key in Self.keys(of: pair) { places[key] = added }
        for (id, gone) in pairs.insert(pair, for: added, cost: 512) { forget(gone, id) }
    }

    /// Takes the pair out whose SPI is `inbound` at the device, or `outbound` at the peer.
    mutating func remove(local: IPAddress, peer: IPAddress, inbound: UInt32? = nil, outbound: UInt32? = nil)
        -> InstalledPair?
    {
        let found = [(inbound, true), (outbound, false)].compactMap { spi, isInbound in
            spi.flatMap { places[Key(local: local, peer: peer, spi: $0, isInbound: isInbound)] }
        }
        guard let id = found.max(), let pair = pairs.remove(id) else { return nil }
        forget(pair, id)
        return pair
    }

    private mutating func forget(_ pair: InstalledPair, _ id: Int) {
        for key in Self.keys(of: pair) where places[key] == id { places[key] = nil }
    }

    private static func keys(of pair: InstalledPair) -> [Key] {
        [(pair.inbound, true), (pair.outbound, false)].compactMap { spi, isInbound in
            spi.map { Key(local: pair.local, peer: pair.peer, spi: $0, isInbound: isInbound) }
        }
    }
}
