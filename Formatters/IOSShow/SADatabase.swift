import ScopeDissect
import ScopeModel
import ScopeWire

/// The SAs as the events up to now left them: one fold, which all show views read.
struct SADatabase {
    /// How many SAs are kept, and what they may hold in bytes; of more, those go first that are dead or only claimed, then
    /// those that were used least lately.
    struct Bounds {
        var ike = 4096
        var ikeBytes = 8 << 20
        /// Pairs, and SAs that only their packets show.
        var ipsec = 16_384
        var ipsecBytes = 32 << 20
    }

    private(set) var ikev2 = IKEv2Peers()
    /// The time of the last event.
    private(set) var now: Instant?
    /// SAs that went because of the bounds.
    private(set) var forgotten = 0
    private var ikeTable: RecordTable<IKERecord>
    private var ikeByCookies: [Cookies: Int] = [:]
    /// Established IKE SAs.
    private var ikeIncumbents = Incumbents<EndpointsKey>()
    private var ipsecTable: RecordTable<IPsecRecord>
    private var ipsecIncumbents = Incumbents<CoverageKey>()
    private var spis = SPIIndex()
    private var made = 0
    /// The Quick Mode whose message came last, and whether a key opened that.
    private var settling: (ikeSA: Int, messageID: UInt32, isOpened: Bool)?
    /// Where the last packets' records are, by the low bits of their account: most packets need no look-up.
    private var recent = [Place](repeating: Place(), count: 64)

    fileprivate struct Cookies: Hashable {
        var initiator: UInt64
        var responder: UInt64
    }

    private struct Place {
        var account = 0
        var slot = 0
        /// Who the packets go to.
        var role = Role.initiator
        /// Packets since the table was told of its use.
        var uses = 0
    }

    init(bounds: Bounds = Bounds()) {
        ikeTable = RecordTable(limit: bounds.ike, bytes: bounds.ikeBytes)
        ipsecTable = RecordTable(limit: bounds.ipsec, bytes: bounds.ipsecBytes)
    }

    /// By their ids.
    var ike: [IKERecord] { ikeTable.inOrder }
    var ipsec: [IPsecRecord] { ipsecTable.inOrder }

    func ikeRecord(_ id: Int?) -> IKERecord? { id.flatMap { ikeTable.slot(of: $0) }.flatMap { ikeTable[$0] } }
    func ipsecRecord(_ id: Int?) -> IPsecRecord? {
        id.flatMap { ipsecTable.slot(of: $0) }.flatMap { ipsecTable[$0] }
    }

    /// When something happened, and where: an event without what it tells.
    private struct Moment {
        var time: Instant
        var frame: Int
        var ikeSA: Int?
    }

    mutating func fold(_ event: Event) {
        if now.map({ $0 < event.time }) ?? true { now = event.time }
        let moment = Moment(time: event.time, frame: event.frame, ikeSA: event.scope.ikeSA)
        switch event.kind {
        case .esp(let packet):
            if case .sighting = packet.repetition { return }
            let place = place(packet.account, packet.spi, isAH: false, packet.source, packet.destination, moment)
            _ = ipsecTable.update(place.slot) {
                $0.last = moment.time
                $0.add(packet, to: place.role)
            }
        case .ah(let packet):
            if case .sighting = packet.repetition { return }
            let place = place(packet.account, packet.spi, isAH: true, packet.source, packet.destination, moment)
            _ = ipsecTable.update(place.slot) {
                $0.last = moment.time
                $0.add(packet, to: place.role)
            }
        case .ikeMessage(let message): fold(message, moment)
        case .ipsecSAs(let pair): add(pair, moment)
        case .ikeFragment, .natKeepalive, .icmpError, .ikeKeys, .malformed, .reassembly, .captureLoss, .comment,
            .evicted, .ipsecAccount, .clearTraffic, .unusedKey:
            break
        }
    }

    // MARK: IKE

    private mutating func fold(_ message: IKEMessage, _ moment: Moment) {
        if message.message.header.majorVersion == 2 { ikev2.note(message) }
        guard let sa = message.sa, sa.majorVersion == 1 else { return }
        if case .sighting = message.repetition { return }
        let slot = ikeTable.slot(of: sa.id) ?? insert(IKERecord(sa, at: moment.time))
        ikeTable.touch(slot)
        _ = ikeTable.update(slot) { $0.last = moment.time }
        guard case .first = message.repetition, let before = ikeTable[slot] else { return }
        var record = before
        record.update(sa, message, at: moment.time, frame: moment.frame)
        record.note(message)
        if record.established != nil, before.established == nil { replace(&record) }
        _ = ikeTable.update(slot) { $0 = record }
        if record.cost != before.cost { ikeTable.price(sa.id, at: record.cost) }
        enter(record, before: before)
        if case .quickMode = message.step {
            settling = (sa.id, message.message.header.messageID, message.opening.isBelieved)
        }
        delete(message, moment)
    }

    private mutating func insert(_ record: IKERecord) -> Int {
        while let gone = ikeTable.makeRoom(for: record.cost) {
            forgotten += 1
            ikeByCookies[gone.cookies] = nil
            ikeIncumbents.remove(gone.sa.id, gone.endpoints)
        }
        ikeByCookies[record.cookies] = record.sa.id
        return ikeTable.insert(record, id: record.sa.id, cost: record.cost)
    }

    /// Has the indices follow what changed; `record` itself stays as it is.
    private mutating func enter(_ record: IKERecord, before: IKERecord) {
        if record.cookies != before.cookies {
            if ikeByCookies[before.cookies] == record.sa.id { ikeByCookies[before.cookies] = nil }
            ikeByCookies[record.cookies] = record.sa.id
        }
        guard record.established != nil, record.replacedBy == nil, record.isAlive else { return }
        guard before.established == nil || record.endpoints != before.endpoints else { return }
        ikeIncumbents.remove(record.sa.id, before.endpoints)
        ikeIncumbents.add(record.sa.id, record.endpoints)
    }

    /// A second IKE SA between the same ends takes the older one's place, which lives on until it is deleted.
    private mutating func replace(_ record: inout IKERecord) {
        let sa = record.sa
        let old = ikeIncumbents.of(record.endpoints).first { id in
            ikeRecord(id).map { !$0.sa.isCrossing(sa) && !($0.isProved && !record.isProved) } ?? false
        }
        guard let old, let slot = ikeTable.slot(of: old) else { return }
        record.replaces = old
        _ = ikeTable.update(slot) { $0.replacedBy = sa.id }
        ikeIncumbents.remove(old, record.endpoints)
    }

    /// Deletes count when they were decrypted and nothing speaks against their HASH: in the clear anyone may send one.
    private mutating func delete(_ message: IKEMessage, _ moment: Moment) {
        guard message.opening.isBelieved, case .opened(let chain, _, _) = message.opening, let sa = message.sa else {
            return
        }
        let deletion = Deletion(
            by: message.source.address, role: message.sender, frame: moment.frame, time: moment.time)
        for payload in chain.all(.delete) {
            guard case .delete(let content) = payload.content else { continue }
            for spi in content.spis { delete(spi, content.protocolID, deletion, sa) }
        }
    }

    private mutating func delete(_ spi: [UInt8], _ protocolID: SecurityProtocol, _ deletion: Deletion, _ sa: IKESA) {
        switch protocolID {
        case .isakmp:
            let (initiatorSPI, responderSPI) = Wording.cookies(spi)
            guard let id = ikeByCookies[Cookies(initiator: initiatorSPI, responder: responderSPI)],
                let slot = ikeTable.slot(of: id), let record = ikeTable[slot], record.isAlive,
                // Its own, or another one of the same peers that stands.
                id == sa.id || record.isEstablished && record.ends == Ends(sa.initiator.address, sa.responder.address)
            else { return }
            _ = ikeTable.update(slot) { $0.deletion = deletion }
            ikeTable.rank(id, isLesser: true, cost: record.cost)
            ikeIncumbents.remove(id, record.endpoints)
        case .esp, .ah:
            guard spi.count == 4 else { return }
            // The sender names the SPI under which it receives; the pair goes with it.
            let number = spi.reduce(0) { $0 << 8 | UInt32($1) }
            for id in spis.all(number, isAH: protocolID == .ah) {
                guard let slot = ipsecTable.slot(of: id), let record = ipsecTable[slot], record.isAlive else {
                    continue
                }
                let role: Role = record.spiToInitiator == number ? .initiator : .responder
                let isItsIKE = record.pair?.ikeSA == sa.id
                guard isItsIKE || record.end(role).address == deletion.by else { continue }
                _ = ipsecTable.update(slot) { $0.deletion = deletion }
                ipsecTable.rank(id, isLesser: true, cost: record.cost)
                if let key = CoverageKey(record) { ipsecIncumbents.remove(id, key) }
            }
        default: break
        }
    }

    // MARK: IPsec

    private mutating func add(_ pair: ChildSA, _ moment: Moment) {
        let isOpened =
            settling.map { $0 == (pair.ikeSA.id, pair.negotiation.messageID, true) } ?? false
        made += 1
        var record = IPsecRecord(pair, isOpened: isOpened, id: made, at: moment.time, frame: moment.frame)
        guard isOpened, let agreed = record.pair, let key = CoverageKey(record) else {
            insert(record, isClaimed: true)
            return
        }
        let old = ipsecIncumbents.of(key).first { id in
            ipsecRecord(id)?.pair.map { !$0.isCrossing(agreed) } ?? false
        }
        if let old, let slot = ipsecTable.slot(of: old) {
            record.replaces = old
            let id = record.id
            _ = ipsecTable.update(slot) { $0.replacedBy = id }
            ipsecIncumbents.remove(old, key)
        }
        insert(record)
        ipsecIncumbents.add(record.id, key)
    }

    @discardableResult
    private mutating func insert(_ record: IPsecRecord, isClaimed: Bool = false) -> Int {
        let cost = record.cost
        while let gone = ipsecTable.makeRoom(for: cost) {
            forgotten += 1
            spis.remove(gone)
            if let key = CoverageKey(gone) { ipsecIncumbents.remove(gone.id, key) }
        }
        spis.add(record, isClaimed: isClaimed)
        for index in recent.indices { recent[index] = Place() }
        return ipsecTable.insert(record, id: record.id, cost: cost, isLesser: isClaimed)
    }

    /// So many packets of one SA go by before it counts as used again.
    private static let usesAtOnce = 256

    @inline(__always)
    private mutating func place(
        _ account: Int, _ spi: UInt32, isAH: Bool, _ source: Endpoint, _ destination: Endpoint, _ moment: Moment
    ) -> Place {
        let index = account & 63
        if recent[index].account == account {
            recent[index].uses += 1
            if recent[index].uses >= Self.usesAtOnce {
                recent[index].uses = 0
                ipsecTable.touch(recent[index].slot)
            }
            return recent[index]
        }
        var found = find(spi, isAH: isAH, source, destination, moment)
        found.account = account
        recent[index] = found
        return found
    }

    private mutating func find(
        _ spi: UInt32, isAH: Bool, _ source: Endpoint, _ destination: Endpoint, _ moment: Moment
    ) -> Place {
        let known = spis.find(
            spi, isAH: isAH, from: source.address, to: destination.address, ikeSA: moment.ikeSA)
        if let known, let slot = ipsecTable.slot(of: known), let record = ipsecTable[slot] {
            ipsecTable.touch(slot)
            // Now there is more than a claim.
            if record.trust == .claimed { ipsecTable.rank(known, isLesser: false, cost: record.cost) }
            return Place(slot: slot, role: record.role(under: spi, to: destination.address))
        }
        made += 1
        let record = IPsecRecord(
            spi: spi, isAH: isAH, from: source, to: destination, id: made, at: moment.time, frame: moment.frame)
        return Place(slot: insert(record), role: .responder)
    }
}

extension IKERecord {
    fileprivate var cookies: SADatabase.Cookies {
        SADatabase.Cookies(initiator: sa.initiatorSPI, responder: sa.responderSPI)
    }
    fileprivate var endpoints: EndpointsKey { EndpointsKey(sa.initiator, sa.responder) }
}
