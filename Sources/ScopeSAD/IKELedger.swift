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
        // A record is large: it changes where it lies, and what decides here is read of it before and after.
        let turn = table.update(slot) { record -> (before: Outline, after: Outline)? in
            record.last = moment.time
            guard case .first = message.repetition else { return nil }
            let before = Outline(record)
            record.update(sa, message, at: moment.time, frame: moment.frame)
            record.note(message, frame: moment.frame)
            return (before, Outline(record))
        }
        guard case let (before, after)?? = turn else { return }
        Self.tellMoves(from: before, to: after, message, moment, to: tell)
        if after.isEstablished, !before.isEstablished {
            tell(SAChange(after.identity, .established, at: moment.time, frames: message.frames))
            replace(sa, after, in: slot, message, moment, tell: tell)
        }
        tellRefusal(after, message, moment, to: tell)
        if before.trust == .claimed, after.trust != .claimed {
            table.rank(sa.id, isLesser: false, cost: after.cost)
        } else if after.cost != before.cost {
            table.price(slot, at: after.cost)
        }
        enter(after, before: before)
    }

    func knows(_ id: Int) -> Bool { table.slot(of: id) != nil }

    /// Takes in the SA that a message made in place of its own (RFC 7296 section 2.18).
    ///
    /// - Returns: whether it is the one that stays, to which the children go.
    mutating func succeed(_ sa: IKESA, _ message: IKEMessage, _ moment: Moment, tell: ChangeReceiver) -> Bool {
        guard !knows(sa.id) else { return true }
        var record = IKERecord(successor: sa, at: moment.time, frame: moment.frame)
        record.rekeyNonce = message.v2?.rekeyNonce
        if let old = sa.replaces.flatMap({ self.record($0) }) {
            record.v2 = old.v2?.inherited(isSwapped: old.sa.initiator.address != sa.initiator.address)
        }
        insert(record)
        table.rank(sa.id, isLesser: false, cost: record.cost)
        tell(SAChange(record.identity, .established, at: moment.time, frames: message.frames))
        guard let old = sa.replaces, let slot = table.slot(of: old), let before = table[slot] else { return true }
        guard let rival = rival(of: record, in: before), let own = record.rekeyNonce, let other = rival.rekeyNonce
        else {
            _ = table.update(slot) { $0.replacedBy = sa.id }
            tell(SAChange(before.identity, .replaced(by: record.identity), at: moment.time, frames: message.frames))
            return true
        }
        let isLoser = own < other
        let (loser, winner) = isLoser ? (record, rival) : (rival, record)
        if let place = table.slot(of: loser.sa.id) { _ = table.update(place) { $0.replacedBy = winner.sa.id } }
        if !isLoser { _ = table.update(slot) { $0.replacedBy = sa.id } }
        tell(SAChange(loser.identity, .replaced(by: winner.identity), at: moment.time, frames: message.frames))
        return !isLoser
    }

    /// The SA that the other side made at once in place of the same one (RFC 7296 section 2.8.2).
    private func rival(of record: IKERecord, in old: IKERecord) -> IKERecord? {
        guard let found = old.replacedBy.flatMap({ self.record($0) }), found.replaces == old.sa.id,
            found.deletion == nil,
            // Its initiator is who began the exchange that made it.
            found.sa.initiator.address == record.sa.responder.address
        else { return nil }
        return found
    }

    @discardableResult
    private mutating func insert(_ record: IKERecord) -> Int {
        while let gone = table.makeRoom(for: record.cost) {
            forgotten += 1
            byCookies[gone.cookies] = nil
            incumbents.remove(gone.sa.id, gone.sameEnds)
        }
        byCookies[record.cookies] = record.sa.id
        return table.insert(record, id: record.sa.id, cost: record.cost, isLesser: true)
    }

    /// Has the indices follow what changed.
    private mutating func enter(_ after: Outline, before: Outline) {
        if after.cookies != before.cookies {
            if byCookies[before.cookies] == after.id { byCookies[before.cookies] = nil }
            byCookies[after.cookies] = after.id
        }
        guard after.isEstablished, after.isIncumbent else { return }
        guard !before.isEstablished || after.sameEnds != before.sameEnds else { return }
        if before.isEstablished { incumbents.remove(after.id, before.sameEnds) }
        incumbents.add(after.id, after.sameEnds)
    }

    /// A second IKE SA between the same ends takes the older one's place, which lives on until it is deleted.
    private mutating func replace(
        _ sa: IKESA, _ new: Outline, in place: Int, _ message: IKEMessage, _ moment: Moment, tell: ChangeReceiver
    ) {
        // IKEv2 says itself which SA takes another one's place.
        guard sa.version == .v1 else { return }
        let old = incumbents.of(new.sameEnds).first { id in
            self.record(id).map { !$0.sa.isCrossing(sa) && !($0.isProved && !new.isProved) } ?? false
        }
        guard let old, let slot = table.slot(of: old), let identity = table[slot]?.identity else { return }
        _ = table.update(place) { $0.replaces = old }
        _ = table.update(slot) { $0.replacedBy = sa.id }
        incumbents.remove(old, new.sameEnds)
        tell(SAChange(identity, .replaced(by: new.identity), at: moment.time, frames: message.frames))
    }

    private func record(_ id: Int) -> IKERecord? { table.slot(of: id).flatMap { table[$0] } }

    private static func tellMoves(
        from old: Outline, to new: Outline, _ message: IKEMessage, _ moment: Moment, to tell: ChangeReceiver
    ) {
        guard new.initiator != old.initiator || new.responder != old.responder,
            // The sides were taken for each other.
            new.initiator != old.responder || new.responder != old.initiator
        else { return }
        for role in [Role.initiator, .responder] where new.endpoint(of: role) != old.endpoint(of: role) {
            let move = SAChange.What.moved(role, from: old.endpoint(of: role), to: new.endpoint(of: role))
            tell(SAChange(new.identity, move, at: moment.time, frames: message.frames))
        }
    }

    /// What a notification refuses before the SA stands; in the clear it refuses nothing that a key has proved.
    private func tellRefusal(_ record: Outline, _ message: IKEMessage, _ moment: Moment, to tell: ChangeReceiver) {
        guard !record.isEstablished, message.step.isInformational, let refusal = message.refusal,
            message.opening.isBelieved || !record.isProved && !message.message.isEncrypted
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

/// What of a record decides what is told of it and where it is entered.
private struct Outline {
    let id: Int
    let wire: IKESAIdentity
    let cookies: Cookies
    let initiator: Endpoint
    let responder: Endpoint
    let isEstablished: Bool
    let isProved: Bool
    /// Nothing replaced or ended it.
    let isIncumbent: Bool
    let cost: Int

    init(_ record: borrowing IKERecord) {
        id = record.sa.id
        wire = record.sa.identity
        cookies = Cookies(initiator: record.sa.initiatorSPI, responder: record.sa.responderSPI)
        initiator = record.sa.initiator
        responder = record.sa.responder
        isEstablished = record.established != nil
        isProved = record.isProved
        isIncumbent = record.replacedBy == nil && record.deletion == nil && !record.isExpired
        cost = record.cost
    }

    var identity: SAIdentity { .ike(wire) }
    var sameEnds: SameEnds { SameEnds(initiator, responder) }
    var trust: Trust { isProved ? .proved : isEstablished ? .probable : .claimed }

    func endpoint(of role: Role) -> Endpoint { role == .initiator ? initiator : responder }
}

extension IKERecord {
    package var identity: SAIdentity { .ike(sa.identity) }

    fileprivate var cookies: Cookies { Cookies(initiator: sa.initiatorSPI, responder: sa.responderSPI) }
    fileprivate var sameEnds: SameEnds { SameEnds(sa.initiator, sa.responder) }
}
