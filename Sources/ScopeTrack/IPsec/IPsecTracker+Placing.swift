import ScopeDissect
import ScopeModel
import ScopeWire

/// Which account a packet belongs to whose addresses are new under its SPI.
///
/// The receiver of a unicast SA chooses its SPI (RFC 4301 section 4.1), so that two senders may have the same one, and two
/// receivers may choose the same. One SA is seen with other addresses at another point of the capture, and after a move.
extension IPsecTracker {
    /// - Parameter proves: whether what opens the packets of an account proves itself on this one.
    func settle(
        _ packet: Packet, _ spi: UInt32, _ sequence: UInt32, isAH: Bool, _ repetition: IKEMessage.Repetition,
        _ evicted: inout Int, proves: (Int) -> Bool
    ) -> Int {
        guard accounts.knows(spi: spi) else { return accounts.open(packet, spi: spi, isAH: isAH, evicted: &evicted) }
        if case .sighting = repetition, let known = recent.account, isOf(known, spi, isAH: isAH),
            !isReverse(known, packet)
        {
            accounts.join(packet, spi: spi, isAH: isAH, to: known)
            return known
        }
        if let leader = accounts.leader(of: packet, spi: spi, isAH: isAH) {
            let number = accounts.slots[leader].account.number
            let place = accounts.open(packet, spi: spi, isAH: isAH, evicted: &evicted)
            accounts.slots[place].leader = (Int32(leader), number)
            accounts.slots[place].account.countsWith = number
            accounts.slots[leader].account.isShared = true
            return place
        }
        let relative = accounts.relative(of: packet, spi: spi, isAH: isAH)
        if let relative, isSame(relative, packet, spi, sequence, isAH: isAH, proves) {
            accounts.join(packet, spi: spi, isAH: isAH, to: relative)
            return relative
        }
        let number = relative.map { accounts.slots[$0].account.number } ?? 0
        let place = accounts.open(packet, spi: spi, isAH: isAH, evicted: &evicted)
        accounts.slots[place].account.namesake = number
        return place
    }

    /// Notes that a part of a packet came: its sequence number is not missing.
    func take(piece: (spi: UInt32, sequence: UInt32, isAH: Bool), from source: IPAddress, to destination: IPAddress) {
        guard let place = accounts.peek(spi: piece.spi, isAH: piece.isAH, source, destination) else { return }
        accounts.counting(place) { $0.take(piece: piece.sequence) }
    }

    /// The other side sends the packet back: that is no copy of it.
    func reflect(_ repetition: inout IKEMessage.Repetition, _ packet: Packet, _ spi: UInt32) {
        guard let first = recent.account, accounts.slots.indices.contains(first),
            accounts.slots[first].account.spi == spi, isReverse(first, packet)
        else { return }
        switch repetition {
        case .sighting(let frame), .retransmission(let frame, _): repetition = .reflection(of: frame)
        case .first, .reflection: break
        }
    }

    private func isReverse(_ place: Int, _ packet: Packet) -> Bool {
        let account = accounts.slots[place].account
        return account.source == packet.destination.address && account.destination == packet.source.address
            && account.source != account.destination
    }

    private func isOf(_ place: Int, _ spi: UInt32, isAH: Bool) -> Bool {
        accounts.slots.indices.contains(place) && accounts.slots[place].account.spi == spi
            && accounts.slots[place].account.isAH == isAH
    }

    /// Whether a packet with one other end belongs to the SA of the account at `place`: its key says so, or who negotiated
    /// it, or, of an SA that was negotiated once, its sequence number.
    private func isSame(
        _ place: Int, _ packet: Packet, _ spi: UInt32, _ sequence: UInt32, isAH: Bool, _ proves: (Int) -> Bool
    ) -> Bool {
        let account = accounts.slots[place].account
        if account.icvLength > 0, !packet.isCut { return proves(place) }
        let made = children.candidates(spi: spi, isAH: isAH, packet)
        let (source, destination) = (packet.source.address, packet.destination.address)
        if let own = made.first(where: { $0.ikeSA == account.ikeSA }), own.joins(source, destination) { return true }
        guard !made.contains(where: { $0.joins(source, destination) }), made.count == 1,
            account.destination == destination
        else { return false }
        return accounts.slots[place].memory.isFollowed(by: sequence)
    }

    /// Notes what an opened packet carries.
    @inline(__always)
    func note(
        inside verdict: ESPVerdict, _ inner: borrowing Datagram, isTunnel: Bool, _ place: Int,
        _ plaintext: PlaintextBuffer
    ) {
        if isTunnel {
            accounts.slots[place].account.contents.insert(.tunnel)
        } else {
            noteTransport(verdict, inner.ports, place, plaintext)
        }
    }

    private func noteTransport(
        _ verdict: ESPVerdict, _ ports: (UInt16, UInt16), _ place: Int, _ plaintext: PlaintextBuffer
    ) {
        switch verdict {
        case .verified(let payload, let next), .unverified(let payload, let next):
            accounts.slots[place].account.contents.insert(.transport)
            switch IPProtocol(rawValue: next) {
            case .gre:
                accounts.slots[place].account.contents.insert(.gre)
                if isNHRPError(payload, plaintext) { accounts.slots[place].account.contents.insert(.nhrpError) }
            case .udp where ports.0 == Self.l2tp || ports.1 == Self.l2tp:
                accounts.slots[place].account.contents.insert(.l2tp)
            default: break
            }
        case .noKey, .badICV, .malformed, .cut: break
        }
    }
    private static let l2tp: UInt16 = 1701

    /// An Error Indication of NHRP (RFC 2332 section 5.2.7), which has packet type 7, behind a GRE header (RFC 2784, 2890).
    private func isNHRPError(_ payload: Range<Int>, _ plaintext: PlaintextBuffer) -> Bool {
        plaintext.withUnsafeBytes { raw in
            let bytes = raw.bytes
            let start = ByteReader(bytes, in: payload, limit: .plaintext)
            func at(_ index: Int) -> UInt8 { start.peek(bytes, ahead: index) ?? 0 }
            guard at(2) == 0x20, at(3) == 0x01 else { return false }
            // Checksum, key and sequence number, four bytes each, where the flags say so.
            let options = [0x80, 0x20, 0x10].filter { at(0) & $0 != 0 }.count
            return at(4 + 4 * options + 17) == 7
        }
    }
}
