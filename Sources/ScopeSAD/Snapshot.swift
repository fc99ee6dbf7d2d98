import ScopeDissect
import ScopeModel
import ScopeWire

/// The SAs at one moment, seen from one device: a value, which what comes later does not change.
package struct Snapshot: Sendable {
    package let now: Instant
    /// With the side of the IKE SA that the device is.
    package let ike: [(record: IKERecord, local: Role)]
    /// With the side of the Quick Mode that the device is.
    package let children: [(record: ChildRecord, local: Role)]
    /// Where messages of IKEv2 passed.
    let ikev2: IKEv2Places
    /// SAs that the database let go because of its bounds.
    package let forgotten: Int

    /// All of the database, whoever's they are, by their ids.
    private let known: [IKERecord]
    private let pairs: [ChildRecord]
    /// When the first of the SAs was made that each one, by its id, has taken the place of.
    package let since: [Int: Instant]

    init(
        ike known: [IKERecord], children pairs: [ChildRecord], ikev2: IKEv2Places, forgotten: Int, device: Device,
        now: Instant
    ) {
        self.known = known
        self.pairs = pairs
        self.ikev2 = ikev2
        self.forgotten = forgotten
        self.now = now
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
        var initiators: [AddressPair: IPAddress] = [:]
        for record in pairs where initiators[record.ends] == nil {
            initiators[record.ends] = record.initiator.address
        }
        for record in known { initiators[record.ends] = record.sa.initiator.address }
        children = pairs.compactMap { record in
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

    /// The record with this id, as the database has it; nil when it went because of the bounds.
    package func ikeRecord(_ id: Int?) -> IKERecord? { id.flatMap { Self.find($0, in: known) { $0.sa.id } } }
    package func childRecord(_ id: Int?) -> ChildRecord? { id.flatMap { Self.find($0, in: pairs) { $0.id } } }

    private static func find<Record>(_ id: Int, in records: [Record], by key: (Record) -> Int) -> Record? {
        var range = records.startIndex..<records.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let found = key(records[middle])
            if found == id { return records[middle] }
            range = found < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
