import ScopeDissect
import ScopeModel
import ScopeWire

/// Which IKE SAs stand, and what became of them: the one place that says which is established, replaced or deleted.
struct IKELedger: Sendable {
    private var table: RecordTable<IKERecord>
    private var byCookies: [Cookies: Int] = [:]
    /// Established IKE SAs.
    private var incumbents = Incumbents<SameEnds>()
    /// SAs that went because of the bounds.
    private(set) var forgotten = 0

    init(limit: Int, bytes: Int) { table = RecordTable(limit: limit, bytes: bytes) }

    /// By their ids.
    var inOrder: [IKERecord] { table.inOrder }

    /// Takes in a message that is no copy from another point of the way.
    mutating func fold(_ message: IKEMessage, of sa: IKESA, _ moment: Moment, tell: ChangeReceiver) {
        let slot = table.slot(of: sa.id) ?? insert(IKERecord(sa, at: moment.time))
        table.touch(slot)
        _ = table.update(slot) { $0.last = moment.time }
        guard case .first = message.repetition, let before = table[slot] else { return }
        var record = before
        record.update(sa, message, at: moment.time, frame: moment.frame)
        record.note(message)
        Self.tellMoves(of: record, since: before, message, moment, to: tell)
        if record.established != nil, before.established == nil {
            tell(SAChange(record.identity, .established, at: moment.time, frames: message.frames))
            replace(&record, message, moment, tell: tell)
        }
        tellRefusal(record, message, moment, to: tell)
        _ = table.update(slot) { $0 = record }
        if before.trust == .claimed, record.trust != .claimed {
            table.rank(sa.id, isLesser: false, cost: record.cost)
        } else if record.cost != before.cost {
            table.price(sa.id, at: record.cost)
        }
        enter(record, before: before)
    }

    private mutating func insert(_ record: IKERecord) -> Int {
        while let gone = table.makeRoom(for: record.cost) {
            forgotten += 1
            byCookies[gone.cookies] = nil
            incumbents.remove(gone.sa.id, gone.sameEnds)
        }
        byCookies[record.cookies] = record.sa.id
        return table.insert(record, id: record.sa.id, cost: record.cost, isLesser: true)
    }

    /// Has the indices follow what changed; `record` itself stays as it is.
    private mutating func enter(_ record: IKERecord, before: IKERecord) {
        if record.cookies != before.cookies {
            if byCookies[before.cookies] == record.sa.id { byCookies[before.cookies] = nil }
            byCookies[record.cookies] = record.sa.id
        }
        guard record.established != nil, record.replacedBy == nil, record.isAlive else { return }
        guard before.established == nil || record.sameEnds != before.sameEnds else { return }
        incumbents.remove(record.sa.id, before.sameEnds)
        incumbents.add(record.sa.id, record.sameEnds)
    }

    /// A second IKE SA between the same ends takes the older one's place, which lives on until it is deleted.
    private mutating func replace(
        _ record: inout IKERecord, _ message: IKEMessage, _ moment: Moment, tell: ChangeReceiver
    ) {
        let sa = record.sa
        let old = incumbents.of(record.sameEnds).first { id in
            self.record(id).map { !$0.sa.isCrossing(sa) && !($0.isProved && !record.isProved) } ?? false
        }
        guard let old, let slot = table.slot(of: old), let identity = table[slot]?.identity else { return }
        record.replaces = old
        _ = table.update(slot) { $0.replacedBy = sa.id }
        incumbents.remove(old, record.sameEnds)
        tell(SAChange(identity, .replaced(by: record.identity), at: moment.time, frames: message.frames))
    }

    private func record(_ id: Int) -> IKERecord? { table.slot(of: id).flatMap { table[$0] } }

    private static func tellMoves(
        of record: IKERecord, since before: IKERecord, _ message: IKEMessage, _ moment: Moment, to tell: ChangeReceiver
    ) {
        let (new, old) = (record.sa, before.sa)
        guard new.initiator != old.initiator || new.responder != old.responder,
            // The sides were taken for each other.
            new.initiator != old.responder || new.responder != old.initiator
        else { return }
        for role in [Role.initiator, .responder] where new.endpoint(of: role) != old.endpoint(of: role) {
            let move = SAChange.What.moved(role, from: old.endpoint(of: role), to: new.endpoint(of: role))
            tell(SAChange(record.identity, move, at: moment.time, frames: message.frames))
        }
    }

    /// What a notification refuses before the SA stands; in the clear it refuses nothing that a key has proved.
    private func tellRefusal(_ record: IKERecord, _ message: IKEMessage, _ moment: Moment, to tell: ChangeReceiver) {
        guard record.established == nil, message.step.isInformational, let refusal = message.refusal,
            message.opening.isBelieved || !record.isProved && message.message.ciphertext.isEmpty
        else { return }
        tell(SAChange(record.identity, .refused(refusal), at: moment.time, frames: message.frames))
    }

    mutating func delete(_ notice: DeleteNotice, tell: ChangeReceiver) {
        for payload in notice.payloads where payload.protocolID == .isakmp {
            for spi in payload.spis {
                guard let cookies = spi.cookies else { continue }
                guard let id = byCookies[cookies] else {
                    let unseen = IKESAIdentity(initiatorSPI: cookies.initiator, firstFrame: notice.deletion.frame)
                    notice.tellNothing(of: .ike(unseen), to: tell)
                    continue
                }
                delete(id, notice, tell: tell)
            }
        }
    }

    private mutating func delete(_ id: Int, _ notice: DeleteNotice, tell: ChangeReceiver) {
        let sa = notice.sa
        guard let slot = table.slot(of: id), let record = table[slot],
            // Its own, or another one of the same peers that stands.
            record.sa.identity == sa.identity
                || record.isEstablished
                    && record.ends == AddressPair(sa.initiator.address, sa.responder.address)
        else { return }
        guard record.isAlive else { return notice.tellNothing(of: record.identity, to: tell) }
        guard notice.tell(of: record.identity, to: tell) else { return }
        _ = table.update(slot) { $0.deletion = notice.deletion }
        table.rank(id, isLesser: true, cost: record.cost)
        incumbents.remove(id, record.sameEnds)
    }
}

extension IKERecord {
    package var identity: SAIdentity { .ike(sa.identity) }

    fileprivate var cookies: Cookies { Cookies(initiator: sa.initiatorSPI, responder: sa.responderSPI) }
    fileprivate var sameEnds: SameEnds { SameEnds(sa.initiator, sa.responder) }
}
