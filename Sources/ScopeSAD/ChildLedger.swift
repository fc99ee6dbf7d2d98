import ScopeDissect
import ScopeModel
import ScopeWire

/// Which IPsec SAs stand, and what became of them: the one place that says which is established, replaced or deleted.
///
/// It needs IKE messages and the pairs that come of them, and of packets only the first one of each SA. So it serves the
/// database, which counts packets, and the diagnosis, which looks at negotiations alone. The transcript asks for much less
/// (`DeletedPairs`).
package struct ChildLedger: Sendable {
    private(set) var table: RecordTable<ChildRecord>
    private var incumbents = Incumbents<SameTraffic>()
    private var spis: SPIIndex
    private var pending: PendingChildren
    private var made = 0
    /// The IKE SAs that took the place of others.
    private var heirs: [IKESAIdentity: IKESAIdentity] = [:]
    /// The negotiation whose message came last, and whether a key opened that.
    private var settling: Settling?
    /// SAs that went because of the bounds.
    private(set) var forgotten = 0
    /// Counts the additions, each of which may give another record's slot away.
    private(set) var additions = 0

    /// What is asked of it.
    package enum Use: Sendable {
        case everything
        /// What becomes of the pairs that negotiations made: no packet is looked up.
        case negotiationsAlone
    }

    package init(limit: Int, bytes: Int, use: Use = .everything) {
        table = RecordTable(limit: limit, bytes: bytes)
        spis = SPIIndex(findsPackets: use == .everything)
        pending = PendingChildren(limit: limit)
    }

    /// By their ids.
    var inOrder: [ChildRecord] { table.inOrder }

    // MARK: IKE

    /// Notes what is under way, and tells what a message that came first refuses of it.
    mutating func follow(_ message: IKEMessage, of sa: borrowing IKESA, _ moment: Moment, tell: ChangeReceiver) {
        guard message.opening.isBelieved else { return }
        pending.take(message, of: sa, moment, tell: tell)
    }

    /// Takes in a pair, told by `event`.
    package mutating func fold(_ pair: ChildSA, at event: Event, tell: ChangeReceiver) {
        add(pair, Moment(event), tell: tell)
    }

    /// Notes a message that came first, which the pairs that follow it may have come of.
    mutating func note(_ message: IKEMessage, ikeSA: Int) {
        if let next = Settling(message, ikeSA: ikeSA) { settling = next }
    }

    mutating func delete(_ notice: DeleteNotice, tell: ChangeReceiver) {
        notice.forEachSPI { delete($0, isAH: $1, notice, tell: tell) }
    }

    /// The children of an IKE SA belong to the one that takes its place (RFC 7296 section 2.8).
    mutating func inherit(from old: IKESAIdentity, to new: IKESAIdentity) {
        if heirs.count >= Self.mostHeirs { heirs.removeAll() }
        heirs[old] = new
    }

    /// Deletes all children of the IKE SA that a notice is about.
    mutating func deleteAll(_ notice: DeleteNotice, tell: ChangeReceiver) {
        // The one whose children others have inherited has none.
        guard heirs[notice.sa.identity] == nil else { return }
        for record in table.inOrder where record.deletion == nil && record.isAlive {
            guard let pair = record.pair, owner(pair.ikeIdentity) == notice.sa.identity,
                let slot = table.slot(of: record.id), notice.tell(of: record.identity, to: tell)
            else { continue }
            _ = table.update(slot) { $0.deletion = notice.deletion }
            table.rank(record.id, isLesser: true, cost: record.cost)
            leave(record)
        }
    }

    private func owner(_ made: IKESAIdentity) -> IKESAIdentity {
        var owner = made
        // As many as there are; a circle ends.
        for _ in 0..<Self.mostHeirs {
            guard let next = heirs[owner], next != made else { break }
            owner = next
        }
        return owner
    }

    private static let mostHeirs = 4096

    /// The sender names the SPI under which it receives; the pair goes with it.
    private mutating func delete(_ spi: UInt32, isAH: Bool, _ notice: DeleteNotice, tell: ChangeReceiver) {
        var (isFound, gone) = (false, SAIdentity?.none)
        for id in spis.all(spi, isAH: isAH) {
            guard let slot = table.slot(of: id), let record = table[slot] else { continue }
            let role: Role = record.spiToInitiator == spi ? .initiator : .responder
            guard notice.mayDelete(pairOf: record.pair?.ikeIdentity, under: record.end(role).address) else { continue }
            guard record.deletion == nil else {
                gone = record.identity
                continue
            }
            isFound = true
            // What is only claimed was never there to be deleted.
            guard notice.tell(of: record.identity, stands: record.isAlive, to: tell) else { continue }
            _ = table.update(slot) { $0.deletion = notice.deletion }
            table.rank(id, isLesser: true, cost: record.cost)
            leave(record)
        }
        guard !isFound else { return }
        notice.tellNothing(of: gone ?? .child(ChildSAIdentity(named: spi, isAH: isAH, by: notice)), to: tell)
    }

    mutating func add(_ pair: ChildSA, _ moment: Moment, tell: ChangeReceiver) {
        let isOpened = settling?.settles(pair) ?? false
        made += 1
        var record = ChildRecord(pair, isOpened: isOpened, id: made, at: moment.time, frame: moment.frame)
        guard isOpened else {
            insert(record, isClaimed: true)
            return
        }
        let traffic = SameTraffic(record)
        if let traffic { establish(&record, traffic, moment, tell: tell) }
        insert(record)
        if let traffic, record.replacedBy == nil { incumbents.add(record.id, traffic) }
    }

    /// Tells that a pair stands, and has it take the place of an older one for the same traffic, which lives on until it is
    /// deleted.
    private mutating func establish(
        _ record: inout ChildRecord, _ traffic: SameTraffic, _ moment: Moment, tell: ChangeReceiver
    ) {
        tell(SAChange(record.identity, .established, at: moment.time, frames: [moment.frame]))
        guard let agreed = record.pair else { return }
        if let rival = rival(of: agreed, isAH: record.isAH) {
            return settle(&record, rival, traffic, moment, tell: tell)
        }
        let old = incumbents.of(traffic).first { id in
            self.record(id)?.pair.map { !$0.isCrossing(agreed) } ?? false
        }
        guard let old, let slot = table.slot(of: old), let identity = table[slot]?.identity else { return }
        record.replaces = old
        let id = record.id
        _ = table.update(slot) { $0.replacedBy = id }
        incumbents.remove(old, traffic)
        tell(SAChange(identity, .replaced(by: record.identity), at: moment.time, frames: [moment.frame]))
    }

    /// The pair that the other side made at once in place of the same one.
    private func rival(of agreed: Agreement, isAH: Bool) -> ChildRecord? {
        guard let rekeys = agreed.rekeys else { return nil }
        for id in spis.all(rekeys.spi, isAH: isAH).reversed() {
            guard let found = record(id)?.replacedBy.flatMap({ record($0) }), found.deletion == nil,
                found.replacedBy == nil, let pair = found.pair, pair.isRival(agreed), let named = pair.rekeys?.spi,
                spis.all(named, isAH: isAH).contains(id)
            else { continue }
            return found
        }
        return nil
    }

    /// Of two pairs that replace one, the one goes again whose exchange has the lowest of all four nonces (RFC 7296 section
    /// 2.8.1).
    private mutating func settle(
        _ record: inout ChildRecord, _ rival: ChildRecord, _ traffic: SameTraffic, _ moment: Moment,
        tell: ChangeReceiver
    ) {
        guard let own = record.pair?.rekeyNonce, let other = rival.pair?.rekeyNonce else { return }
        let (id, identity) = (record.id, record.identity)
        if own < other {
            record.replacedBy = rival.id
            tell(SAChange(identity, .replaced(by: rival.identity), at: moment.time, frames: [moment.frame]))
        } else {
            record.replaces = rival.id
            if let slot = table.slot(of: rival.id) { _ = table.update(slot) { $0.replacedBy = id } }
            incumbents.remove(rival.id, traffic)
            tell(SAChange(rival.identity, .replaced(by: identity), at: moment.time, frames: [moment.frame]))
        }
    }

    /// What is deleted, or goes because of the bounds, can be replaced no more.
    private mutating func leave(_ record: ChildRecord) {
        guard let traffic = SameTraffic(record) else { return }
        incumbents.remove(record.id, traffic)
    }

    private func record(_ id: Int) -> ChildRecord? { table.slot(of: id).flatMap { table[$0] } }

    @discardableResult
    private mutating func insert(_ record: ChildRecord, isClaimed: Bool = false) -> Int {
        let cost = record.cost
        while let gone = table.makeRoom(for: cost) {
            forgotten += 1
            spis.remove(gone)
            leave(gone)
        }
        spis.add(record, isClaimed: isClaimed)
        additions += 1
        return table.insert(record, id: record.id, cost: cost, isLesser: isClaimed)
    }

    // MARK: Packets

    /// Changes the record in `slot` where it lies.
    @inline(__always)
    mutating func update(_ slot: Int, _ body: (inout ChildRecord) -> Void) { _ = table.update(slot, body) }

    mutating func touch(_ slot: Int) { table.touch(slot) }

    /// Where the record of a packet is, and who the packet goes to; a packet of no known SA makes a record.
    mutating func find(_ packet: PacketLabel, _ moment: Moment, tell: ChangeReceiver) -> (slot: Int, role: Role) {
        let known = spis.find(
            packet.spi, isAH: packet.isAH, from: packet.source.address, to: packet.destination.address,
            ikeSA: moment.ikeSA)
        if let known, let slot = table.slot(of: known), let record = table[slot] {
            table.touch(slot)
            // Now there is more than a claim.
            if record.trust == .claimed {
                table.rank(known, isLesser: false, cost: record.cost)
                tell(SAChange(record.identity, .established, at: moment.time, frames: [moment.frame]))
            }
            return (slot, record.role(under: packet.spi, to: packet.destination.address))
        }
        made += 1
        let record = ChildRecord(packet, id: made, at: moment.time, frame: moment.frame)
        tell(SAChange(record.identity, .established, at: moment.time, frames: [moment.frame]))
        return (insert(record), .responder)
    }
}

/// What says which SA a packet belongs to.
struct PacketLabel {
    var spi: UInt32
    var isAH: Bool
    var source: Endpoint
    var destination: Endpoint
}

extension ChildRecord {
    package var identity: SAIdentity {
        .child(
            ChildSAIdentity(
                protocolID: isAH ? .ah : .esp, spiToInitiator: spiToInitiator, spiToResponder: spiToResponder,
                firstFrame: frame))
    }
}

extension ChildSAIdentity {
    /// Of an SA that only a Delete names: by the SPI under which its sender receives.
    fileprivate init(named spi: UInt32, isAH: Bool, by notice: DeleteNotice) {
        let isInitiator = notice.deletion.role == .initiator
        self.init(
            protocolID: isAH ? .ah : .esp, spiToInitiator: isInitiator ? spi : nil,
            spiToResponder: isInitiator ? nil : spi, firstFrame: notice.deletion.frame)
    }
}
