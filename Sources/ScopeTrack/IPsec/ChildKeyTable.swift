import ScopeModel
import ScopeWire

/// All that IPsec may know of the IKE SA that made its keys.
protocol Peers: AnyObject {
    /// Whether one of the peers is, or was seen, at this address.
    func has(_ address: IPAddress) -> Bool
}

/// The keys of the SAs that decrypted Quick Modes made, by SPI; bounded, the oldest go first.
struct ChildKeyTable {
    struct Child {
        /// Of the IKE SA that made it, which goes when its own table is full.
        private weak var peers: (any Peers)?
        var ikeSA: Int
        /// Where the peers were when it was made.
        private var ends: (IPAddress, IPAddress)
        var isAH = false
        /// Of ESP; nil when the keys could not be derived: `status` says why.
        var opener: (any ESPOpener)?
        /// Of AH.
        var verifier: (any AHVerifier)?
        var status: KeyStatus
        var selectors: DirectedTraffic?

        init(
            of sa: IKESA, between peers: any Peers, isAH: Bool, opener: (any ESPOpener)?, verifier: (any AHVerifier)?,
            status: KeyStatus, selectors: DirectedTraffic?
        ) {
            self.peers = peers
            ikeSA = sa.id
            ends = (sa.initiator.address, sa.responder.address)
            self.isAH = isAH
            self.opener = opener
            self.verifier = verifier
            self.status = status
            self.selectors = selectors
        }

        /// Whether the ends of its IKE SA have these addresses: where they are now, or were when it was made.
        func joins(_ source: IPAddress, _ destination: IPAddress) -> Bool {
            if let peers { return peers.has(source) && peers.has(destination) }
            return [ends.0, ends.1].contains(source) && [ends.0, ends.1].contains(destination)
        }
    }

    /// The newest first, under each SPI; what they cost is their number.
    private var children: RecentTable<UInt32, [Child]>
    /// Two peers may choose the same SPI, and ESP and AH the same number; more than so many are not tried.
    private static let mostOfOneSPI = 8

    init(limit: Int) {
        children = RecentTable(limit: max(limit, 16), bytes: max(limit, 16))
    }

    func knows(spi: UInt32) -> Bool { children.contains(spi) }

    mutating func add(_ child: Child, spi: UInt32) {
        // The newest is the likeliest. An array of just this size: there are many.
        let all = [child] + (children[spi] ?? []).prefix(Self.mostOfOneSPI - 1)
        children.insert(all, for: spi, cost: all.count)
    }

    /// What may open a packet, those first whose IKE SA has its addresses.
    func candidates(spi: UInt32, isAH: Bool, _ packet: Packet) -> [Child] {
        let list = (children[spi] ?? []).filter { $0.isAH == isAH }
        guard list.count > 1 else { return list }
        let (source, destination) = (packet.source.address, packet.destination.address)
        let near = list.filter { $0.joins(source, destination) }
        return near + list.filter { !$0.joins(source, destination) }
    }
}
