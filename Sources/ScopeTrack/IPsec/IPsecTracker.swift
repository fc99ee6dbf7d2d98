import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows ESP, and AH in its extension: keeps the accounts, has packets opened, and tells each.
final class IPsecTracker {
    let unsealer: any Unsealer
    let emitter: Emitter
    /// Nil where nobody asks for packets in the clear.
    let clear: ClearWatch?
    /// The end was told.
    var isFinished = false
    // Checking each access at run time costs more than the work itself; none of these is handed out.
    @exclusivity(unchecked) var accounts: Accounts
    @exclusivity(unchecked) var children: ChildKeyTable
    @exclusivity(unchecked) var recent = RecentPackets()
    private let plaintext = PlaintextBuffer()
    /// The packet that was told last, to be filled anew for the next one when nobody has kept it.
    @exclusivity(unchecked) private var told = Told(ESPPacket())
    /// One for each layer of a tunnel in a tunnel, made when it is first met: the plaintext of the outer one is still read.
    @exclusivity(unchecked) private var deeper: [PlaintextBuffer] = []
    /// One for each layer as well, made when a packet of it is compressed.
    @exclusivity(unchecked) var inflaters: [IPCompInflater] = []
    /// What an AH packet's ICV covers is put together here.
    lazy var covered = PlaintextBuffer()

    /// The packet at hand was opened before its turn came.
    @exclusivity(unchecked) var ahead: OpenedAhead?
    @exclusivity(unchecked) private var lanes: OpeningLanes

    /// - Parameter jobs: threads that open packets.
    init(_ unsealer: any Unsealer, _ limits: Limits, jobs: Int, _ emitter: Emitter, _ clear: ClearWatch?) {
        self.clear = clear
        lanes = OpeningLanes(jobs: jobs)
        self.unsealer = unsealer
        self.emitter = emitter
        accounts = Accounts(limit: limits.ipsecAccounts)
        children = ChildKeyTable(limit: limits.ipsecAccounts)
    }

    func knows(spi: UInt32) -> Bool { accounts.knows(spi: spi) || children.knows(spi: spi) }

    /// Takes in the keys of the SAs that a negotiation made, or why there are none.
    ///
    /// - Parameter made: those of which both SPIs were seen; there may be keys for one SPI alone.
    func learn(_ keys: ChildKeys, of made: [ChildSA], in sa: IKESA, between peers: any Peers) {
        var left = made.flatMap { child in
            [child.spiToInitiator, child.spiToResponder].map {
                (spi: $0, isAH: child.protocolID == .ah, selectors: DirectedTraffic(child, spi: $0))
            }
        }
        if let clear { for child in made where child.protocolID == .esp { watch(child, clear) } }
        func take(_ spi: UInt32, isAH: Bool) -> DirectedTraffic? {
            guard let index = left.firstIndex(where: { $0.spi == spi && $0.isAH == isAH }) else { return nil }
            return left.remove(at: index).selectors
        }
        func add(
            _ spi: UInt32, isAH: Bool, opener: (any ESPOpener)? = nil, verifier: (any AHVerifier)? = nil,
            selectors: DirectedTraffic?
        ) {
            let child = ChildKeyTable.Child(
                of: sa, between: peers, isAH: isAH, opener: opener, verifier: verifier, status: keys.status,
                selectors: selectors)
            children.add(child, spi: spi)
            accounts.lookAgain(spi: spi)
        }
        for (spi, opener) in keys.openers {
            add(spi, isAH: false, opener: opener, selectors: take(spi, isAH: false))
        }
        for (spi, verifier) in keys.verifiers {
            add(spi, isAH: true, verifier: verifier, selectors: take(spi, isAH: true))
        }
        for (spi, isAH, selectors) in left { add(spi, isAH: isAH, selectors: selectors) }
    }

    // MARK: ESP

    /// SPI, sequence number, pad length and next header, which reach up to a multiple of four bytes (RFC 4303 section 2).
    private static let shortest = 12

    /// Whether any packets may be opened ahead of their turn.
    var opensAhead: Bool { lanes.isUsed }

    /// What may open packets of this SPI and these addresses ahead of their turn.
    func lane(spi: UInt32, source: IPAddress, destination: IPAddress) -> Unmanaged<OpeningLane>? {
        accounts.lane(spi: spi, source: source, destination: destination)
    }

    /// An IP packet that came out of ESP, and that may be one for us itself.
    struct Inside {
        var packet: Range<Int>
        var buffer: PlaintextBuffer
        var account: Int
    }

    /// Takes in the ESP packet at `range` of `bytes`; `header` is the IP header around it.
    func esp(_ packet: Packet, _ range: Range<Int>, header: Range<Int>, _ bytes: RawSpan) -> Inside? {
        var reader = ByteReader(bytes, in: range, limit: packet.isCut ? .capture : .ip)
        guard let spi = try? reader.u32(bytes, "SPI"), let sequence = try? reader.u32(bytes, "sequence number") else {
            if !packet.isCut { short(packet, range, "SPI", bytes) }
            return nil
        }
        let length = range.upperBound - range.lowerBound
        guard length >= Self.shortest || packet.isCut else {
            short(packet, range, "padding, pad length and next header", bytes)
            return nil
        }
        var plaintext = buffer(packet.enclosure.depth)
        var evicted = 0
        var repetition = recent.see(packet, spi: spi, sequence: sequence, range, bytes)
        var place: Int
        if let known = accounts.known(packet, spi: spi, isAH: false) {
            place = known
        } else {
            place = settle(packet, spi, sequence, isAH: false, repetition, &evicted) { place in
                accounts.slots[place].opener?.open(bytes, esp: range, into: plaintext).isProved ?? false
            }
        }
        if case .first = repetition {} else { reflect(&repetition, packet, spi) }
        if !accounts.slots[place].hasLooked { look(at: place, packet, spi: spi, range, bytes, into: plaintext) }
        var opening = ESPOpening(packet.isCut ? .cut : .noKey)
        var null: NullEncryption?
        if !packet.isCut {
            if let opener = accounts.slots[place].opener {
                if let ahead, packet.enclosure.depth == 0, ahead.isBy(accounts.slots[place].laneReference) {
                    opening = ahead.opening
                    plaintext = ahead.plaintext.takeUnretainedValue()
                    opener.note(opening)
                } else {
                    opening = opener.open(bytes, esp: range, into: plaintext)
                    lanes.consider(opener, opening, &accounts.slots, place)
                }
                if case .badICV = opening.verdict,
                    let apart = lookApart(place, packet, spi: spi, range, bytes, into: plaintext, evicted: &evicted)
                {
                    (place, opening) = apart
                }
            } else if let reading = accounts.slots[place].null.read(
                bytes, range, from: packet.source.address, to: packet.destination.address)
            {
                null = accounts.slots[place].null.conclusion
                opening.verdict = Self.copied(reading, bytes, plaintext)
            }
        }
        var isOutside = false
        var isTunnel = opening.verdict.isTunnel
        let whole: Range<Int>?
        if opening.verdict.isCompressed, let inflated = inflated(opening.verdict, plaintext, packet.enclosure.depth) {
            plaintext = inflated.buffer
            isTunnel = IPProtocol(rawValue: inflated.nextHeader).isIP
            whole = innerPacket(
                inflated.payload, IPProtocol(rawValue: inflated.nextHeader), packet, header: header, bytes, plaintext)
        } else {
            whole = innerPacket(opening.verdict, packet, header: header, bytes, plaintext)
        }
        var inner = Datagram.none
        var hasInner = false
        if let whole {
            hasInner = Self.dissect(whole, plaintext, into: &inner)
            if hasInner, isTunnel, let selectors = accounts.slots[place].selectors {
                isOutside = plaintext.withUnsafeBytes { !selectors.admits(whole, inner, $0.bytes) }
            }
        }
        if opening.verdict.payload != nil { note(inside: opening.verdict, inner, isTunnel: isTunnel, place, plaintext) }
        let step = accounts.counting(place) {
            $0.count(
                opening, null, repetition, sequence: sequence, octets: length, isOutside: isOutside, in: packet)
        }
        if case .first = repetition { recent.note(account: place) }
        let (account, ikeSA) = (accounts.slots[place].account.number, accounts.slots[place].account.ikeSA)
        let mayBeOurs = hasInner && inner.mayBeOurs
        if !isKnownUniquelyReferenced(&told) { told = Told(ESPPacket()) }
        told.fill {
            $0.source = packet.source
            $0.destination = packet.destination
            $0.carrier = packet.carrier
            $0.spi = spi
            $0.sequence = sequence
            $0.length = length
            $0.hopLimit = packet.hopLimit
            $0.bytes = range
            $0.account = account
            $0.verdict = opening.verdict
            if whole != nil || $0.innerPacket != nil {
                $0.innerPacket = whole
                $0.inner = hasInner ? inner : nil
            }
            $0.repetition = repetition
            $0.fragments = packet.material == .packet ? packet.partCount : 0
            $0.finding = opening.finding
            $0.step = step
            $0.enclosure = packet.enclosure
            $0.isOutsideSelectors = isOutside
            $0.nullEncryption = null
        }
        if let clear, let whole { plaintext.withUnsafeBytes { clear.decrypted(whole, $0.bytes) } }
        if whole == nil {
            emitter.emit(.esp(told), of: packet, ikeSA: ikeSA, bytes)
        } else {
            plaintext.withUnsafeBytes {
                emitter.emit(.esp(told), of: packet, ikeSA: ikeSA, bytes, plaintext: $0.bytes)
            }
        }
        tell(evicted, packet)
        guard mayBeOurs, let whole else { return nil }
        if case .sighting = repetition { return nil }
        return Inside(packet: whole, buffer: plaintext, account: account)
    }

    @inline(__always)
    private func buffer(_ depth: UInt8) -> PlaintextBuffer { depth == 0 ? plaintext : deeperBuffer(Int(depth) - 1) }

    private func deeperBuffer(_ index: Int) -> PlaintextBuffer {
        while deeper.count <= index { deeper.append(PlaintextBuffer()) }
        return deeper[index]
    }

    func tell(_ evicted: Int, _ packet: Packet) {
        guard evicted > 0 else { return }
        emitter.emit(.evicted(table: "IPsec accounts", count: evicted), at: packet.frame.time)
    }

    private func short(_ packet: Packet, _ range: Range<Int>, _ field: StaticString, _ bytes: RawSpan) {
        let error = DecodeError(
            .truncated(needed: Self.shortest, available: range.count, limit: .ip), at: range.lowerBound, field: field)
        emitter.emit(.malformed(MalformedPacket(layer: .esp, error: error)), of: packet, bytes)
    }

    /// What an SA without encryption carries, at the place of a plaintext.
    private static func copied(
        _ reading: NullDetector.Reading, _ bytes: RawSpan, _ plaintext: PlaintextBuffer
    ) -> ESPVerdict {
        let target = PlaintextBuffer.headroom..<(PlaintextBuffer.headroom + reading.payload.count)
        guard target.upperBound <= PlaintextBuffer.capacity else { return .noKey }
        plaintext.withUnsafeMutableBytes { buffer in
            bytes.extracting(reading.payload).withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: buffer[target]).copyMemory(from: $0)
            }
        }
        return .unverified(payload: target, nextHeader: reading.nextHeader)
    }

    /// What the inner packet carries; false when it is none.
    @inline(__always)
    private static func dissect(
        _ whole: Range<Int>, _ plaintext: PlaintextBuffer, into datagram: inout Datagram
    ) -> Bool {
        plaintext.withUnsafeBytes { raw in
            (try? FrameDissector.dissect(ofIP: raw.bytes, in: whole, limit: .plaintext, into: &datagram)) ?? false
        }
    }
}
