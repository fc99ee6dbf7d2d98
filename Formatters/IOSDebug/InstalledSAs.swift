import ScopeDissect
import ScopeModel
import ScopeWire

/// A pair of IPsec SAs at the device whose lines are printed.
struct InstalledPair {
    var local: IPAddress
    var peer: IPAddress
    var protocolID: SecurityProtocol
    var transform: Transform
    var inbound: UInt32?
    var outbound: UInt32?
    var localProxy: IPsecProxy
    var remoteProxy: IPsecProxy
}

/// The pairs that were installed and not deleted yet: a delete names only an SPI.
///
/// They outlive the IKE SA that made them, so they are kept apart from its memory.
struct InstalledSAs {
    private var pairs: [InstalledPair] = []
    private static let bound = 4096

    mutating func add(_ pair: InstalledPair) {
        if pairs.count >= Self.bound { pairs.removeFirst(Self.bound / 8) }
        pairs.append(pair)
    }

    /// Takes the pair out whose SPI is `inbound` at the device, or `outbound` at the peer.
    mutating func remove(local: IPAddress, peer: IPAddress, inbound: UInt32? = nil, outbound: UInt32? = nil)
        -> InstalledPair?
    {
        let index = pairs.lastIndex { pair in
            guard pair.local == local, pair.peer == peer else { return false }
            return (inbound != nil && pair.inbound == inbound) || (outbound != nil && pair.outbound == outbound)
        }
        return index.map { pairs.remove(at: $0) }
    }
}
