import ScopeDissect
import ScopeModel
import ScopeWire

/// Which IPsec SAs stand, and what became of them: the one place that says which is established, replaced or deleted.
///
/// It needs IKE messages and the pairs that come of them, and of packets only the first one of each SA. So it serves the
/// database, which counts packets, and the transcript, which does not see them.
package struct ChildLedger: Sendable {
    private(set) var table: RecordTable<ChildRecord>
    private var incumbents = Incumbents<SameTraffic>()
    private var spis: SPIIndex
    private var made = 0
    /// The Quick Mode whose message came last, and whether a key opened that.
    private var settling: (ikeSA: Int, messageID: UInt32, isOpened: Bool)?
    /// SAs that went because of the bounds.
    private(set) var forgotten = 0
    /// Counts the additions, each of which may give another record's slot away.
    private(set) var additions = 0

    /// - Parameter findsPackets: whether packets are looked up, or IKE alone is followed.
    package init(limit: Int, bytes: Int, findsPackets: Bool = true) {
        table = RecordTable(limit: limit, bytes: bytes)
        spis = SPIIndex(findsPackets: findsPackets)
    }

    /// By their ids.
    var inOrder: [ChildRecord] { table.inOrder }

    // MARK: IKE

    /// Takes in an event that is no packet.
    package mutating func fold(_ event: Event, tell: ChangeReceiver) {
        switch event.kind {
        case .ikeMessage(let message):
            guard let sa = message.sa, sa.majorVersion == 1, case .first = message.repetition else { return }
            note(message, of: sa)
            if let notice = DeleteNotice(message, of: sa, Moment(event)) { delete(notice, tell: tell) }
        case .ipsecSAs(let pair): add(pair, Moment(event), tell: tell)
        default: break
        }
    }

    /// Notes a message that came first, which the pairs that follow it may have come of.
    mutating func note(_ message: IKEMessage, of sa: IKESA) {
        guard case .quickMode = message.step else { return }
        settling = (sa.id, message.message.header.messageID, message.opening.isBelieved)
    }

    mutating func delete(_ notice: DeleteNotice, tell: ChangeReceiver) {
        for payload in notice.payloads where payload.protocolID == .esp || payload.protocolID == .ah {
            for spi in payload.spis where spi.count == 4 {
                let number = spi.reduce(0) { $0 << 8 | UInt32($1) }
                delete(number, isAH: payload.protocolID == .ah, notice, tell: tell)
            }
        }
    }

    /// The sender names the SPI under which it receives; the pair goes with it.
    private mutating func delete(_ spi: UInt32, isAH: Bool, _ notice: DeleteNotice, tell: ChangeReceiver) {
        for id in spis.all(spi, isAH: isAH) {
            guard let slot = table.slot(of: id), let record = table[slot], record.deletion == nil else { continue }
            let role: Role = record.spiToInitiator == spi ? .initiator : .responder
            let isItsIKE = record.pair?.ikeSA == notice.sa.id
            guard isItsIKE || record.end(role).address == notice.deletion.by else { continue }
            // What is only claimed was never there to be deleted.
            guard notice.tell(of: record.identity, stands: record.isAlive, to: tell) else { continue }
            _ = table.update(slot) { $0.deletion = notice.deletion }
            table.rank(id, isLesser: true, cost: record.cost)
            if let key = SameTraffic(record) { incumbents.remove(id, key) }
        }
    }

    mutating func add(_ pair: ChildSA, _ moment: Moment, tell: ChangeReceiver) {
        let isOpened =
            settling.map { $0 == (pair.ikeSA.id, pair.negotiation.messageID, true) } ?? false
        made += 1
        var record = ChildRecord(pair, isOpened: isOpened, id: made, at: moment.time, frame: moment.frame)
        guard isOpened, let agreed = record.pair, let key = SameTraffic(record) else {
            insert(record, isClaimed: true)
            return
        }
        tell(SAChange(record.identity, .established, at: moment.time, frames: [moment.frame]))
        let old = incumbents.of(key).first { id in
            self.record(id)?.pair.map { !$0.isCrossing(agreed) } ?? false
        }
        if let old, let slot = table.slot(of: old), let identity = table[slot]?.identity {
            record.replaces = old
            let id = record.id
            _ = table.update(slot) { $0.replacedBy = id }
            incumbents.remove(old, key)
            tell(SAChange(identity, .replaced(by: record.identity), at: moment.time, frames: [moment.frame]))
        }
        insert(record)
        incumbents.add(record.id, key)
    }

    private func record(_ id: Int) -> ChildRecord? { table.slot(of: id).flatMap { table[$0] } }

    @discardableResult
    private mutating func insert(_ record: ChildRecord, isClaimed: Bool = false) -> Int {
        let cost = record.cost
        while let gone = table.makeRoom(for: cost) {
            forgotten += 1
            spis.remove(gone)
            if let key = SameTraffic(gone) { incumbents.remove(gone.id, key) }
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
