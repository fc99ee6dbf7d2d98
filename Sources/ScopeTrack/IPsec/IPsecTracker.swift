import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows ESP and AH: keeps the accounts, has packets opened, and tells each.
final class IPsecTracker {
    private let unsealer: any Unsealer
    private let emitter: Emitter
    // Checking each access at run time costs more than the work itself; none of these is handed out.
    @exclusivity(unchecked) private var accounts: Accounts
    @exclusivity(unchecked) private var children: ChildKeyTable
    @exclusivity(unchecked) private var recent = RecentPackets()
    private let plaintext = PlaintextBuffer()

    init(_ unsealer: any Unsealer, _ limits: Limits, _ emitter: Emitter) {
        self.unsealer = unsealer
        self.emitter = emitter
        accounts = Accounts(limit: limits.ipsecAccounts)
        children = ChildKeyTable(limit: limits.ipsecAccounts)
    }

    /// So many packets of an SPI are tried with every key for it.
    private static let mostLooks = 16

    func knows(spi: UInt32) -> Bool { accounts.knows(spi: spi) || children.knows(spi: spi) }

    /// Takes in the keys of the SAs that a Quick Mode made, or why there are none.
    func learn(_ keys: ChildKeys, of mode: QuickMode, _ state: SAState) {
        for (spi, opener) in keys.openers {
            children.add(ChildKeyTable.Child(state: state, opener: opener, status: keys.status), spi: spi)
            accounts.lookAgain(spi: spi)
        }
        let opened = Set(keys.openers.map(\.spi))
        let pairs = IPsecSAPair.all(of: mode, state.sa, keys.status)
        for spi in pairs.flatMap({ [$0.spiToInitiator, $0.spiToResponder] }) where !opened.contains(spi) {
            children.add(ChildKeyTable.Child(state: state, opener: nil, status: keys.status), spi: spi)
            accounts.lookAgain(spi: spi)
        }
    }

    func finish(at time: Instant) {
        for account in accounts.all {
            let scope = Scope(source: account.source, destination: account.destination, ikeSA: account.ikeSA)
            emitter.emit(.ipsecAccount(concluded(account)), at: time, from: nil, .frame, scope)
        }
    }

    // MARK: ESP

    /// Takes in the ESP packet at `range` of `bytes`; `header` is the IP header around it.
    func esp(_ packet: borrowing Packet, _ range: Range<Int>, header: Range<Int>, _ bytes: RawSpan) {
        var reader = ByteReader(bytes, in: range, limit: packet.isCut ? .capture : .ip)
        guard let spi = try? reader.u32(bytes, "SPI"), let sequence = try? reader.u32(bytes, "sequence number") else {
            if !packet.isCut { short(packet, range, "SPI", bytes) }
            return
        }
        let (place, evicted) = place(of: packet, spi, sequence, isAH: false)
        let repetition = recent.see(packet, spi: spi, sequence: sequence, range, bytes)
        if !accounts.slots[place].hasLooked { look(place, packet, spi, range, bytes) }
        let verdict: ESPVerdict =
            if packet.isCut {
                .cut
            } else if let opener = accounts.slots[place].opener {
                opener.open(bytes, esp: range, into: plaintext)
            } else {
                .noKey
            }
        let whole = inner(verdict, packet, header: header, bytes)
        count(place, verdict, repetition, sequence, range.count)
        let event = ESPPacket(
            source: packet.source, destination: packet.destination, carrier: packet.carrier, spi: spi,
            sequence: sequence, length: range.count, bytes: range, account: accounts.slots[place].account.number,
            verdict: verdict, innerPacket: whole, inner: whole.flatMap(innerDatagram), repetition: repetition,
            fragments: packet.material == .packet ? packet.parts.count : 0)
        let ikeSA = accounts.slots[place].account.ikeSA
        if whole == nil {
            emitter.emit(.esp(event), of: packet, ikeSA: ikeSA, bytes)
        } else {
            plaintext.bytes.withUnsafeBytes {
                emitter.emit(.esp(event), of: packet, ikeSA: ikeSA, bytes, plaintext: $0.bytes)
            }
        }
        tell(evicted, packet)
    }

    private func place(
        of packet: borrowing Packet, _ spi: UInt32, _ sequence: UInt32, isAH: Bool
    ) -> (place: Int, evicted: Int) {
        var evicted = 0
        let place = accounts.place(of: packet, spi: spi, sequence: sequence, isAH: isAH, evicted: &evicted)
        return (place, evicted)
    }

    private func tell(_ evicted: Int, _ packet: borrowing Packet) {
        guard evicted > 0 else { return }
        emitter.emit(.evicted(table: "IPsec accounts", count: evicted), at: packet.frame.time)
    }

    private func short(_ packet: borrowing Packet, _ range: Range<Int>, _ field: StaticString, _ bytes: RawSpan) {
        let error = DecodeError(
            .truncated(needed: 8, available: range.count, limit: .ip), at: range.lowerBound, field: field)
        emitter.emit(.malformed(MalformedPacket(layer: "esp", error: error)), of: copy packet, bytes)
    }

    /// The inner IP packet of what was decrypted: in transport mode with the outer packet's header.
    private func inner(
        _ verdict: ESPVerdict, _ packet: borrowing Packet, header: Range<Int>, _ bytes: RawSpan
    ) -> Range<Int>? {
        let payload: Range<Int>
        let next: IPProtocol
        switch verdict {
        case .verified(let range, let number), .unverified(let range, let number):
            payload = range
            next = IPProtocol(rawValue: number)
        default: return nil
        }
        switch next {
        case .noNext: return nil
        case .ipv4, .ipv6: return tunnelled(payload)
        default:
            return TransportPacket.rebuild(
                plaintext, payload: payload, next: next, packet, header: header, bytes)
        }
    }

    /// A packet of tunnel mode, without the bytes that only hide its length (RFC 4303 section 2.7).
    private func tunnelled(_ payload: Range<Int>) -> Range<Int>? {
        plaintext.bytes.withUnsafeBytes { raw in
            let span = raw.bytes
            let start = ByteReader(span, in: payload, limit: .plaintext)
            guard let first = start.peek(span) else { return nil }
            let field = first >> 4 == 4 ? 2 : 4
            guard first >> 4 == 4 || first >> 4 == 6, let high = start.peek(span, ahead: field),
                let low = start.peek(span, ahead: field + 1)
            else { return payload }
            let length = (Int(high) << 8 | Int(low)) + (field == 4 ? 40 : 0)
            guard length >= 20, length <= payload.count else { return payload }
            return payload.lowerBound..<(payload.lowerBound + length)
        }
    }

    private func innerDatagram(_ whole: Range<Int>) -> Datagram? {
        plaintext.bytes.withUnsafeBytes {
            (try? FrameDissector.datagram(ofIP: $0.bytes, in: whole, limit: .plaintext, recorder: nil)) ?? nil
        }
    }

    /// Finds what opens the packets of an account: the first that proves itself on this one.
    private func look(
        _ place: Int, _ packet: borrowing Packet, _ spi: UInt32, _ range: Range<Int>, _ bytes: RawSpan
    ) {
        let candidates = children.candidates(spi: spi, packet)
        let given = unsealer.espOpeners(
            spi: spi, source: packet.source.address, destination: packet.destination.address)
        let openers = candidates.compactMap(\.opener) + given
        let proved =
            openers.count > 1 && !packet.isCut
            ? openers.first {
                if case .verified = $0.open(bytes, esp: range, into: plaintext) { true } else { false }
            } : nil
        // What the capture cut, or what was damaged on its way, proves nothing: the next packet may.
        accounts.slots[place].looks += 1
        accounts.slots[place].hasLooked =
            !packet.isCut && (proved != nil || openers.count <= 1 || accounts.slots[place].looks >= Self.mostLooks)
        let chosen = proved ?? openers.first
        accounts.slots[place].opener = chosen
        let child = candidates.first { $0.opener === chosen } ?? candidates.first
        accounts.slots[place].account.ikeSA = child?.state.sa.id ?? accounts.slots[place].account.ikeSA
        accounts.slots[place].account.keys = status(chosen, child, spi)
    }

    private func status(_ opener: (any ESPOpener)?, _ child: ChildKeyTable.Child?, _ spi: UInt32) -> KeyStatus {
        if let opener { return .opened(by: opener.keyName) }
        if unsealer.isEmpty { return .none }
        if let child, case .missing = child.status { return child.status }
        return .missing("no key is given for this SPI, and no Quick Mode that could be read made it")
    }

    private func count(
        _ place: Int, _ verdict: ESPVerdict, _ repetition: IKEMessage.Repetition, _ sequence: UInt32, _ octets: Int
    ) {
        if case .sighting = repetition {
            accounts.slots[place].account.sightings += 1
            return
        }
        accounts.slots[place].account.count(sequence: sequence, octets: octets)
        switch verdict {
        case .verified: accounts.slots[place].account.verified += 1
        case .unverified: accounts.slots[place].account.unverified += 1
        case .badICV: accounts.slots[place].account.badICV += 1
        case .malformed: accounts.slots[place].account.malformed += 1
        case .cut: accounts.slots[place].account.cut += 1
        case .noKey: break
        }
    }

    /// What can be said of its keys once all packets were seen.
    private func concluded(_ account: IPsecAccount) -> IPsecAccount {
        var account = account
        if case .opened(let name) = account.keys, account.verified == 0, account.unverified == 0 {
            if account.badICV > 0 {
                account.keys = .wrong("\(name): its ICV fits none of the packets")
            } else if account.malformed == 0 {
                account.keys = .missing("the capture cut every packet, so none could be checked")
            }
        }
        return account
    }

    // MARK: AH

    /// Takes in the AH packet at `range` of `bytes`; gives its header and the IP packet inside.
    func ah(_ packet: borrowing Packet, _ range: Range<Int>, _ bytes: RawSpan) -> (AHHeader, Datagram?)? {
        var reader = ByteReader(bytes, in: range, limit: packet.isCut ? .capture : .ip)
        let header: AHHeader
        do throws(DecodeError) {
            header = try AHHeader(reading: &reader, bytes)
        } catch {
            if !packet.isCut {
                emitter.emit(.malformed(MalformedPacket(layer: "ah", error: error)), of: copy packet, bytes)
            }
            return nil
        }
        let (place, evicted) = place(of: packet, header.spi, header.sequence, isAH: true)
        let repetition = recent.see(packet, spi: header.spi, sequence: header.sequence, header.icv, bytes)
        if case .sighting = repetition {
            accounts.slots[place].account.sightings += 1
        } else {
            accounts.slots[place].account.count(sequence: header.sequence, octets: range.count)
        }
        if !accounts.slots[place].hasLooked {
            accounts.slots[place].hasLooked = true
            accounts.slots[place].account.ikeSA = children.candidates(spi: header.spi, packet).first?.state.sa.id
        }
        var inner: Datagram?
        if header.nextHeader == .ipv4 || header.nextHeader == .ipv6 {
            inner = (try? FrameDissector.datagram(ofIP: bytes, in: header.payload, limit: .ip, recorder: nil)) ?? nil
        }
        let event = AHPacket(
            source: packet.source, destination: packet.destination, spi: header.spi, sequence: header.sequence,
            length: range.count, bytes: range, account: accounts.slots[place].account.number,
            nextHeader: header.nextHeader.rawValue, inner: inner, repetition: repetition)
        emitter.emit(.ah(event), of: copy packet, ikeSA: accounts.slots[place].account.ikeSA, bytes)
        tell(evicted, packet)
        return (header, inner)
    }
}

extension IPsecAccount {
    fileprivate mutating func count(sequence: UInt32, octets: Int) {
        packets += 1
        self.octets += octets
        lowestSequence = min(lowestSequence, sequence)
        highestSequence = max(highestSequence, sequence)
    }
}
