import ScopeModel
import ScopeWire

/// The IPsec SAs of one proxy pair between one device and one peer: a block of the views.
package struct Flow: Sendable {
    package let local: Endpoint
    package let remote: Endpoint
    /// Nil where they are not known, or are no networks.
    package let localProxy: ProxyNetwork?
    package let remoteProxy: ProxyNetwork?
    package private(set) var records: [(record: ChildRecord, local: Role)]

    package var alive: [(record: ChildRecord, local: Role)] { records.filter(\.record.isAlive) }
    /// Those that live, and those that are only claimed.
    package var shown: [(record: ChildRecord, local: Role)] {
        records.filter { $0.record.isAlive || $0.record.deletion == nil && $0.record.trust == .claimed }
    }

    package var inbound: Traffic { records.reduce(Traffic()) { $0 + $1.record.traffic(to: $1.local) } }
    package var outbound: Traffic { records.reduce(Traffic()) { $0 + $1.record.traffic(to: $1.local.other) } }

    /// Living SAs, each direction of a pair counted.
    package var activeSAs: Int {
        alive.reduce(0) { $0 + [$1.record.spiToInitiator, $1.record.spiToResponder].count { $0 != nil } }
    }

    /// The living pair that was made last: its SAs are used.
    package var newest: (record: ChildRecord, local: Role)? { alive.last }

    /// All flows, in the order of first sight.
    package static func all(of snapshot: Snapshot) -> [Flow] {
        var flows: [Flow] = []
        struct Key: Hashable {
            var local: IPAddress
            var remote: IPAddress
            var localProxy: ProxyNetwork?
            var remoteProxy: ProxyNetwork?
        }
        var places: [Key: Int] = [:]
        for (record, local) in snapshot.children {
            let own = record.end(local)
            let peer = record.end(local.other)
            let proxies = (ProxyNetwork(record, of: local), ProxyNetwork(record, of: local.other))
            let key = Key(
                local: own.address, remote: peer.address, localProxy: proxies.0, remoteProxy: proxies.1)
            if let place = places[key] {
                flows[place].records.append((record, local))
            } else {
                places[key] = flows.count
                flows.append(
                    Flow(
                        local: own, remote: peer, localProxy: proxies.0, remoteProxy: proxies.1,
                        records: [(record, local)]))
            }
        }
        return flows
    }
}
