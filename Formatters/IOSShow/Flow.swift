import ScopeModel
import ScopeWire

/// The IPsec SAs of one proxy pair between one device and one peer: a block of the views.
struct Flow {
    let local: Endpoint
    let remote: Endpoint
    let localProxy: String
    let remoteProxy: String
    var records: [(record: IPsecRecord, local: Role)]

    var alive: [(record: IPsecRecord, local: Role)] { records.filter(\.record.isAlive) }
    /// Those that live, and those that are only claimed.
    var shown: [(record: IPsecRecord, local: Role)] {
        records.filter { $0.record.isAlive || $0.record.deletion == nil && $0.record.trust == .claimed }
    }

    var inbound: Traffic { records.reduce(Traffic()) { $0 + $1.record.traffic(to: $1.local) } }
    var outbound: Traffic { records.reduce(Traffic()) { $0 + $1.record.traffic(to: $1.local.other) } }

    /// Living SAs, each direction of a pair counted.
    var activeSAs: Int {
        alive.reduce(0) { $0 + [$1.record.spiToInitiator, $1.record.spiToResponder].count { $0 != nil } }
    }

    /// The living pair that was made last: its SAs are used.
    var newest: (record: IPsecRecord, local: Role)? { alive.last }

    /// All flows, in the order of first sight.
    static func all(_ standing: Standing) -> [Flow] {
        var flows: [Flow] = []
        struct Key: Hashable {
            var local: IPAddress
            var remote: IPAddress
            var localProxy: String
            var remoteProxy: String
        }
        var places: [Key: Int] = [:]
        for (record, local) in standing.ipsec {
            let own = record.end(local)
            let peer = record.end(local.other)
            let proxies = (ShowWords.proxy(record, of: local), ShowWords.proxy(record, of: local.other))
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
