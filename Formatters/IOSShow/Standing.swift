import ScopeDissect
import ScopeModel
import ScopeWire

/// What the views read: the SAs at one moment, seen from one device.
struct Standing {
    let database: SADatabase
    let now: Instant
    /// With the side of the IKE SA that the device is.
    let ike: [(record: IKERecord, local: Role)]
    /// With the side of the Quick Mode that the device is.
    let ipsec: [(record: IPsecRecord, local: Role)]

    /// When the first of the SAs was made that each one, by its id, has taken the place of.
    let since: [Int: Instant]

    init(database: SADatabase, device: Device, now: Instant) {
        self.database = database
        self.now = now
        let (known, pairs) = (database.ike, database.ipsec)
        // What was replaced has the lower id.
        var since: [Int: Instant] = [:]
        for record in pairs { since[record.id] = record.replaces.flatMap { since[$0] } ?? record.made }
        self.since = since
        ike = known.compactMap { record in
            var record = record
            record.expire(at: now)
            return device.role(record.sa.initiator.address, record.sa.responder.address).map { (record, $0) }
        }
        // Who began between two ends: the initiator of their IKE SA, else the sender of the first packet.
        var initiators: [Ends: IPAddress] = [:]
        for record in pairs where initiators[record.ends] == nil {
            initiators[record.ends] = record.initiator.address
        }
        for record in known { initiators[record.ends] = record.sa.initiator.address }
        ipsec = pairs.compactMap { record in
            var record = record
            record.expire(at: now)
            if let pair = record.pair {
                let role = device.role(pair.ikeInitiator, pair.ikeResponder)
                return role.map { (record, $0 == pair.initiatedBy ? .initiator : .responder) }
            }
            let isSame = initiators[record.ends] == record.initiator.address
            let (began, other) = isSame ? (record.initiator, record.responder) : (record.responder, record.initiator)
            return device.role(began.address, other.address).map { (record, isSame ? $0 : $0.other) }
        }
    }
}

/// Whose views are printed.
struct Device {
    private let view: IOSDebugFormatter.View

    init(_ view: IOSDebugFormatter.View) { self.view = view }

    /// Which side of an IKE SA the device is; nil when it is neither.
    func role(_ initiator: IPAddress, _ responder: IPAddress) -> Role? {
        switch view {
        case .automatic, .initiator, .both: .initiator
        case .responder: .responder
        case .address(let address): Self.role([address], initiator, responder)
        case .local(let addresses): Self.role(addresses, initiator, responder) ?? .initiator
        }
    }

    private static func role(_ own: [IPAddress], _ initiator: IPAddress, _ responder: IPAddress) -> Role? {
        own.contains(initiator) ? .initiator : own.contains(responder) ? .responder : nil
    }
}
