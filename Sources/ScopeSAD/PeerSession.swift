import ScopeModel
import ScopeWire

/// The IKE SAs and flows between one device and one peer.
package struct PeerSession: Sendable {
    package let local: IPAddress
    package let remote: IPAddress
    package private(set) var ike: [(record: IKERecord, local: Role)] = []
    package private(set) var flows: [Flow] = []

    /// It has no IKE SA, but IKEv2 passed between the two: its SA is listed under other addresses.
    package private(set) var isElsewhere = false

    /// Living ones; when there is none, the last dead one, which a device shows as inactive.
    package var shownIKE: [(record: IKERecord, local: Role)] {
        let alive = ike.filter(\.record.isAlive)
        return alive.isEmpty ? Array(ike.suffix(1)) : alive
    }

    package var port: UInt16? { ike.last.map { $0.record.sa.endpoint(of: $0.local.other).port } }

    package enum Status: Sendable {
        /// An IKE SA stands, with IPsec SAs or without.
        case active, idle
        /// IPsec SAs stand alone.
        case withoutIKE
        case negotiating
        /// No key opens what would tell whether the IKE SA was set up.
        case unread
        case down
    }

    package var status: Status {
        let alive = ike.filter(\.record.isAlive)
        let isEstablished = alive.contains { $0.record.isEstablished }
        if isEstablished { return isFlowing ? .active : .idle }
        let isUnread = alive.contains { $0.record.isUnread }
        // Without an IKE SA there would be no packets.
        if isFlowing { return isUnread || isElsewhere ? .active : .withoutIKE }
        return isUnread ? .unread : alive.isEmpty ? .down : .negotiating
    }

    private var isFlowing: Bool { flows.contains { $0.records.contains(where: \.record.isAlive) } }

    /// As far as the packets tell.
    package var isUp: Bool { isFlowing || ike.contains { $0.record.isAlive && $0.record.isEstablished } }

    /// A key says so of what stands.
    package var isProved: Bool {
        ike.contains { $0.record.isAlive && $0.record.trust == .proved }
            || flows.contains { $0.records.contains { $0.record.isAlive && $0.record.trust == .proved } }
    }

    /// Since when an IPsec SA stands, over its rekeys.
    package func upSince(in snapshot: Snapshot) -> Instant? {
        flows.lazy.flatMap(\.records).filter(\.record.isAlive).compactMap { snapshot.since[$0.record.id] }.min()
    }

    package static func all(of snapshot: Snapshot) -> [PeerSession] {
        var sessions: [PeerSession] = []
        struct Key: Hashable {
            var local: IPAddress
            var remote: IPAddress
        }
        var places: [Key: Int] = [:]
        func place(_ local: IPAddress, _ remote: IPAddress) -> Int {
            let key = Key(local: local, remote: remote)
            if let place = places[key] { return place }
            places[key] = sessions.count
            sessions.append(PeerSession(local: local, remote: remote))
            return sessions.count - 1
        }
        for (record, local) in snapshot.ike {
            let index = place(record.sa.endpoint(of: local).address, record.sa.endpoint(of: local.other).address)
            sessions[index].ike.append((record, local))
        }
        for flow in Flow.all(of: snapshot) {
            let index = place(flow.local.address, flow.remote.address)
            sessions[index].flows.append(flow)
        }
        for index in sessions.indices where sessions[index].ike.isEmpty {
            let ends = AddressPair(sessions[index].local, sessions[index].remote)
            sessions[index].isElsewhere = snapshot.ikev2.contains(ends)
        }
        return sessions
    }
}
