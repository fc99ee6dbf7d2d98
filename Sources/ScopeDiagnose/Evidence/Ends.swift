import ScopeModel
import ScopeWire

/// Two peers, whoever speaks.
struct Ends: Hashable {
    let low: IPAddress
    let high: IPAddress
    /// Of several peers behind one address, which one: 0 for the first.
    var peer: UInt8 = 0

    init(_ a: IPAddress, _ b: IPAddress) {
        let isOrdered = (a.high, a.low) <= (b.high, b.low)
        low = isOrdered ? a : b
        high = isOrdered ? b : a
    }
}

/// Where each IKE SA was seen first; at the other side of a NAT its peers have other addresses.
struct Homes {
    /// The two peers under the addresses that they had first, and, for an alias, who has the other one of its two.
    struct Home {
        var initiator: IPAddress
        var responder: IPAddress
        var aliasOfInitiator: IPAddress?

        var ends: Ends { Ends(initiator, responder) }

        /// The first address of whoever has `address` now.
        func first(_ address: IPAddress) -> IPAddress { address == aliasOfInitiator ? initiator : responder }
    }

    private var homes: LeastUsedTable<IKESAIdentity, Home>
    private var aliases: LeastUsedTable<Ends, Home>

    init(limit: Int) {
        homes = LeastUsedTable(limit: limit)
        aliases = LeastUsedTable(limit: limit)
    }

    /// The pair that an IKE SA belongs to; notes under which addresses its peers are seen now.
    mutating func home(of sa: IKESA) -> Home {
        let (initiator, responder) = (sa.initiator.address, sa.responder.address)
        guard let home = homes.use(sa.identity) else {
            let home = Home(initiator: initiator, responder: responder)
            homes.insert(home, for: sa.identity)
            return home
        }
        note(home, initiator, responder)
        return home
    }

    /// An IKE SA that took the place of another one has the peers of that one.
    mutating func inherit(_ sa: IKESA, from old: IKESA) {
        guard homes[sa.identity] == nil else { return }
        let home = home(of: old)
        let isSwapped = sa.initiator.address == old.responder.address && sa.initiator.address != old.initiator.address
        let (initiator, responder) =
            isSwapped ? (home.responder, home.initiator) : (home.initiator, home.responder)
        homes.insert(Home(initiator: initiator, responder: responder), for: sa.identity)
    }

    /// Notes other addresses of the peers of `sa`.
    mutating func note(_ sa: IKESA, initiator: IPAddress, responder: IPAddress) {
        note(home(of: sa), initiator, responder)
    }

    private mutating func note(_ home: Home, _ initiator: IPAddress, _ responder: IPAddress) {
        guard home.initiator != initiator || home.responder != responder else { return }
        var other = home
        other.aliasOfInitiator = initiator
        aliases.insert(other, for: Ends(initiator, responder))
    }

    /// The same as `canonical`, which does not count as a use.
    func peek(_ source: IPAddress, _ destination: IPAddress) -> (IPAddress, IPAddress) {
        guard let home = aliases[Ends(source, destination)] else { return (source, destination) }
        return (home.first(source), home.first(destination))
    }

    /// Source and destination under the addresses that the peers had first.
    mutating func canonical(_ source: IPAddress, _ destination: IPAddress) -> (IPAddress, IPAddress) {
        guard !aliases.isEmpty, let home = aliases.use(Ends(source, destination)) else { return (source, destination) }
        return (home.first(source), home.first(destination))
    }
}
