import ScopeDissect
import ScopeModel
import ScopeWire

/// The SAs as the events up to now left them: one fold, which all show views read.
struct SADatabase {
    /// How many SAs are kept; of more, the oldest dead ones go first, then those that were used least lately.
    struct Bounds {
        var ike = 4096
        /// Pairs, and SAs that only their packets show.
        var ipsec = 16_384
    }

    private(set) var ike: [IKERecord] = []
    private(set) var ipsec: [IPsecRecord] = []
    private(set) var ikev2 = IKEv2Peers()
    /// The time of the last event.
    private(set) var now: Instant?
    /// SAs that went because of the bounds.
    private(set) var forgotten = 0
    private let bounds: Bounds
    /// Of the SAs under one SPI only the newest are tried: a flood with made-up addresses must not cost more and more.
    private static let mostOfOneSPI = 64
    private var ikePlaces: [Int: Int] = [:]
    /// Established IKE SAs, and pairs that a Quick Mode made.
    private var ikeByEnds: [Ends: [Int]] = [:]
    private var ipsecByEnds: [Ends: [Int]] = [:]
    private var bySPI: [SPIKey: [Int]] = [:]
    private var made = 0
    /// Where the last packets' records are, by the low bits of their account: most packets need no look-up.
    private var recent = [Place](repeating: Place(), count: 64)

    private struct SPIKey: Hashable {
        var spi: UInt32
        var isAH: Bool
    }

    private struct Place {
        var account = 0
        var index = 0
        /// Who the packets go to.
        var role = Role.initiator
    }

    init(bounds: Bounds = Bounds()) { self.bounds = bounds }

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
        case .esp(let packet): count(packet, moment)
        case .ah(let packet): count(packet, moment)
        case .ikeMessage(let message): fold(message, moment)
        case .ipsecSAs(let pair): add(pair, moment)
        case .ikeFragment, .natKeepalive, .icmpError, .ikeKeys, .malformed, .reassembly, .captureLoss, .comment,
            .evicted, .ipsecAccount, .clearTraffic, .unusedKey:
            break
        }
    }

    private mutating func count(_ packet: Told<ESPPacket>, _ moment: Moment) {
        if case .sighting = packet.repetition { return }
        let place = place(packet.account, packet.spi, isAH: false, packet.source, packet.destination, moment)
        ipsec[place.index].last = moment.time
        if place.role == .initiator {
            ipsec[place.index].toInitiator.add(packet)
        } else {
            ipsec[place.index].toResponder.add(packet)
        }
    }

    private mutating func count(_ packet: Told<AHPacket>, _ moment: Moment) {
        if case .sighting = packet.repetition { return }
        let place = place(packet.account, packet.spi, isAH: true, packet.source, packet.destination, moment)
        ipsec[place.index].last = moment.time
        if place.role == .initiator {
            ipsec[place.index].toInitiator.add(packet)
        } else {
            ipsec[place.index].toResponder.add(packet)
        }
    }

    func ikeRecord(_ id: Int?) -> IKERecord? { id.flatMap { ikePlaces[$0] }.map { ike[$0] } }

    /// Records stand in the order of their ids.
    func ipsecRecord(_ id: Int?) -> IPsecRecord? {
        guard let id else { return nil }
        var (low, high) = (0, ipsec.count)
        while low < high {
            let middle = (low + high) / 2
            if ipsec[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < ipsec.count && ipsec[low].id == id ? ipsec[low] : nil
    }

    // MARK: IKE

    private mutating func fold(_ message: IKEMessage, _ moment: Moment) {
        if message.message.header.majorVersion == 2 { ikev2.note(message) }
        guard let sa = message.sa, sa.majorVersion == 1 else { return }
        if case .sighting = message.repetition { return }
        if ikePlaces[sa.id] == nil {
            if ike.count >= bounds.ike { shrinkIKE() }
            ikePlaces[sa.id] = ike.count
            ike.append(IKERecord(sa, at: moment.time))
        }
        guard let index = ikePlaces[sa.id] else { return }
        ike[index].last = moment.time
        guard case .first = message.repetition else { return }
        ike[index].sa = sa
        if sa.chosen != nil, ike[index].agreed == nil { ike[index].agreed = moment.time }
        if sa.isEstablished, ike[index].established == nil {
            ike[index].established = moment.time
            ike[index].establishedFrame = moment.frame
            noteReplacement(byIKE: index)
        }
        if case .transaction = message.step {
            ike[index].hasConfiguration = true
            if case .attributes(let attributes)? = message.readable?.first(.attributes)?.content {
                ike[index].follow(attributes)
            }
        }
        if case .quickMode = message.step { ike[index].configuring = nil }
        if let method = sa.chosen?.value(3), (65001...65010).contains(method) { ike[index].hasXAUTH = true }
        noteVendors(message, index)
        delete(message, moment)
    }

    private mutating func noteVendors(_ message: IKEMessage, _ index: Int) {
        for payload in message.message.chain.all(.vendorID) {
            guard case .vendorID(let vendor?) = payload.content, vendor.family == "dpd" else { continue }
            if message.sender == .initiator {
                ike[index].hasDPD.initiator = true
            } else {
                ike[index].hasDPD.responder = true
            }
        }
    }

    /// A second IKE SA between the same ends takes the older one's place, which lives on until it is deleted.
    private mutating func noteReplacement(byIKE index: Int) {
        let sa = ike[index].sa
        let ends = Set([sa.initiator, sa.responder])
        let old = ikeByEnds[ike[index].ends]?.last { other in
            ike[other].isAlive && ike[other].replacedBy == nil && !ike[other].sa.isCrossing(sa)
                && Set([ike[other].sa.initiator, ike[other].sa.responder]) == ends
        }
        ikeByEnds[ike[index].ends, default: []].append(index)
        guard let old else { return }
        ike[index].replaces = ike[old].sa.id
        ike[old].replacedBy = sa.id
    }

    /// Deletes count when they were decrypted and nothing speaks against their HASH: in the clear anyone may send one.
    private mutating func delete(_ message: IKEMessage, _ moment: Moment) {
        guard case .opened(let chain, _, let proof) = message.opening, let sa = message.sa else { return }
        if case .failed = proof { return }
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
            let own = ikePlaces[sa.id].map { [$0] } ?? []
            let index = (own + (ikeByEnds[Ends(sa.initiator.address, sa.responder.address)] ?? [])).first {
                ike[$0].sa.initiatorSPI == initiatorSPI && ike[$0].sa.responderSPI == responderSPI
            }
            if let index, ike[index].isAlive { ike[index].deletion = deletion }
        case .esp, .ah:
            guard spi.count == 4 else { return }
            // The sender names the SPI under which it receives; the pair goes with it.
            let key = SPIKey(spi: spi.reduce(0) { $0 << 8 | UInt32($1) }, isAH: protocolID == .ah)
            for index in bySPI[key] ?? [] where ipsec[index].isAlive {
                let record = ipsec[index]
                let role: Role = record.spiToInitiator == key.spi ? .initiator : .responder
                let isItsIKE = record.pair?.ikeSA.id == sa.id
                if isItsIKE || record.end(role).address == deletion.by { ipsec[index].deletion = deletion }
            }
        default: break
        }
    }

    // MARK: IPsec

    private mutating func add(_ pair: IPsecSAPair, _ moment: Moment) {
        if ipsec.count >= bounds.ipsec { shrinkIPsec() }
        made += 1
        var record = IPsecRecord(pair, id: made, at: moment.time, frame: moment.frame)
        let old = ipsecByEnds[record.ends]?.last { index in
            let other = ipsec[index]
            let isBeside = other.pair?.ikeSA.isCrossing(pair.ikeSA) ?? false
            return other.isAlive && other.replacedBy == nil && other.isAH == record.isAH && other.covers(record)
                && !isBeside
        }
        if let old {
            record.replaces = ipsec[old].id
            ipsec[old].replacedBy = record.id
        }
        insert(record)
    }

    private mutating func insert(_ record: IPsecRecord) {
        ipsec.append(record)
        enter(record, at: ipsec.count - 1)
        forgetPlaces()
    }

    private mutating func enter(_ record: IPsecRecord, at index: Int) {
        for spi in Set([record.spiToInitiator, record.spiToResponder].compactMap { $0 }) {
            bySPI[SPIKey(spi: spi, isAH: record.isAH), default: []].append(index)
        }
        if record.pair != nil { ipsecByEnds[record.ends, default: []].append(index) }
    }

    @inline(__always)
    private mutating func place(
        _ account: Int, _ spi: UInt32, isAH: Bool, _ source: Endpoint, _ destination: Endpoint, _ moment: Moment
    ) -> Place {
        let known = recent[account & 63]
        if known.account == account { return known }
        var found = find(spi, isAH: isAH, source, destination, moment)
        found.account = account
        recent[account & 63] = found
        return found
    }

    private mutating func find(
        _ spi: UInt32, isAH: Bool, _ source: Endpoint, _ destination: Endpoint, _ moment: Moment
    ) -> Place {
        let candidates = bySPI[SPIKey(spi: spi, isAH: isAH)] ?? []
        func roleOf(_ index: Int) -> Role {
            let record = ipsec[index]
            guard record.spiToInitiator == spi else { return .responder }
            guard record.spiToResponder == spi else { return .initiator }
            return record.initiator.address == destination.address ? .initiator : .responder
        }
        let fitting = candidates.suffix(Self.mostOfOneSPI).last { index in
            let role = roleOf(index)
            return ipsec[index].end(role).address == destination.address
                || ipsec[index].end(role.other).address == source.address
                || moment.ikeSA != nil && ipsec[index].pair?.ikeSA.id == moment.ikeSA
        }
        if let fitting { return Place(index: fitting, role: roleOf(fitting)) }
        if ipsec.count >= bounds.ipsec { shrinkIPsec() }
        made += 1
        insert(
            IPsecRecord(
                spi: spi, isAH: isAH, from: source, to: destination, id: made, at: moment.time, frame: moment.frame))
        return Place(index: ipsec.count - 1, role: .responder)
    }

    private mutating func forgetPlaces() { for index in recent.indices { recent[index] = Place() } }

    // MARK: Bounds

    /// Lets a sixteenth go at once: rare, and then cheap for long.
    private mutating func shrinkIPsec() {
        let order = ipsec.indices.sorted {
            ipsec[$0].isAlive != ipsec[$1].isAlive ? !ipsec[$0].isAlive : ipsec[$0].last < ipsec[$1].last
        }
        let gone = Set(order.prefix(max(1, bounds.ipsec / 16)))
        forgotten += gone.count
        ipsec = ipsec.indices.filter { !gone.contains($0) }.map { ipsec[$0] }
        bySPI = [:]
        ipsecByEnds = [:]
        for (index, record) in ipsec.enumerated() { enter(record, at: index) }
        forgetPlaces()
    }

    private mutating func shrinkIKE() {
        let order = ike.indices.sorted {
            ike[$0].isAlive != ike[$1].isAlive ? !ike[$0].isAlive : ike[$0].last < ike[$1].last
        }
        let gone = Set(order.prefix(max(1, bounds.ike / 16)))
        forgotten += gone.count
        ike = ike.indices.filter { !gone.contains($0) }.map { ike[$0] }
        ikePlaces = [:]
        ikeByEnds = [:]
        for (index, record) in ike.enumerated() {
            ikePlaces[record.sa.id] = index
            if record.established != nil { ikeByEnds[record.ends, default: []].append(index) }
        }
    }
}
