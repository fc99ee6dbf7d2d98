import ScopeDissect
import ScopeModel
import ScopeWire

/// Puts fragments of IP packets together (RFC 791 section 3.2, RFC 8200 section 4.5).
///
/// Bounded in packets, bytes and frame time. A capture may hold every fragment twice, from before and behind a router:
/// a packet is given when its bytes are together, and again for each further place that saw all of them.
struct IPReassembler {
    enum Outcome {
        case pending
        /// `overlap`: two fragments said different things about the same bytes; the first was believed.
        case complete(packet: [UInt8], frames: [Int], overlap: Bool)
        case refused(why: String)
    }

    struct Bounds {
        var packets = 4096
        var bytes = 8 << 20
        /// RFC 791 and RFC 8200 leave it at 15 to 60 seconds.
        var nanoseconds: Int64 = 30_000_000_000
    }

    private let bounds: Bounds
    private var packets: RecentTable<PartialPacket.Key, PartialPacket>
    private var evicted: [IncompleteDatagram] = []

    init() { self.init(bounds: Bounds()) }

    init(bounds: Bounds) {
        self.bounds = bounds
        packets = RecentTable(limit: bounds.packets, bytes: bounds.bytes)
    }

    /// Takes in one fragment, whose offsets count in `bytes`.
    mutating func add(
        _ fragment: IPFragment, of datagram: Datagram, frame: Frame, bytes: RawSpan
    ) -> Outcome {
        guard Self.mayBeOurs(fragment.nextProtocol) else { return .pending }
        let payload = fragment.payload.clamped(to: 0..<bytes.byteCount)
        if let why = Self.flaw(of: fragment, payload, isCut: datagram.isCut) { return .refused(why: why) }
        let key = PartialPacket.Key(
            source: datagram.source, destination: datagram.destination, identification: fragment.identification,
            nextProtocol: fragment.nextProtocol)
        let piece = PartialPacket.Piece(
            range: fragment.offset..<(fragment.offset + payload.count), bytes: payload,
            isLast: !fragment.moreFragments, isCut: datagram.isCut,
            headers: fragment.headers.clamped(to: 0..<bytes.byteCount),
            place: PartialPacket.Place(interface: frame.interface, hopLimit: datagram.hopLimit), frame: frame.number)
        if let known = packets[key], isOutdated(known, piece, frame.time, bytes) {
            if let incomplete = known.incomplete(key) { evicted.append(incomplete) }
            packets.remove(key)
        }
        if !packets.contains(key) { letGo(packets.insert(PartialPacket(key, since: frame.time), for: key)) }
        guard let (outcome, held) = packets.update(key, { ($0.add(piece, bytes), $0.heldBytes) }) else {
            return .pending
        }
        letGo(packets.price(key, at: held))
        return outcome
    }

    /// Gives up what waited too long.
    mutating func expire(now: Instant) -> [IncompleteDatagram] {
        var gone: [IncompleteDatagram] = []
        while let (key, packet) = packets.oldest, now.since(packet.since) > bounds.nanoseconds {
            if let incomplete = packet.incomplete(key) { gone.append(incomplete) }
            packets.removeOldest()
        }
        return gone
    }

    /// What had to go because the bounds were reached, since the last call.
    mutating func takeEvicted() -> [IncompleteDatagram] {
        guard !evicted.isEmpty else { return [] }
        defer { evicted = [] }
        return evicted
    }

    /// Gives up everything: the capture has ended.
    mutating func finish() -> [IncompleteDatagram] {
        defer { self = IPReassembler(bounds: bounds) }
        return packets.entries.compactMap { $0.value.incomplete($0.key) }
    }

    // MARK: -

    /// IKE, ESP and AH, and the tunnels that may carry them.
    private static func mayBeOurs(_ type: IPProtocol) -> Bool {
        switch type {
        case .udp, .tcp, .esp, .ah, .gre, .ipv4, .ipv6: true
        // IPv6: destination options or a routing header may stand before the same.
        case .destinationOptions, .routing: true
        default: false
        }
    }

    private static func flaw(of fragment: IPFragment, _ payload: Range<Int>, isCut: Bool) -> String? {
        if payload.isEmpty { return isCut ? nil : "an IP fragment without payload" }
        if fragment.offset + payload.count > 65_535 { return "IP fragments that would make more than 65535 bytes" }
        if fragment.moreFragments, !isCut, payload.count % 8 != 0 {
            return "an IP fragment that is not the last and whose length is not a multiple of 8"
        }
        return nil
    }

    /// True when a known packet has the same identification by chance: the sender has begun to count again.
    private func isOutdated(
        _ known: PartialPacket, _ piece: PartialPacket.Piece, _ now: Instant, _ bytes: RawSpan
    ) -> Bool {
        now.since(known.since) > bounds.nanoseconds || (known.isDone && !known.repeats(piece, bytes))
    }

    /// Tells later of packets that had to go for the bounds.
    private mutating func letGo(_ gone: [(key: PartialPacket.Key, value: PartialPacket)]) {
        for (key, packet) in gone {
            if let incomplete = packet.incomplete(key), evicted.count < bounds.packets { evicted.append(incomplete) }
        }
    }
}

/// An IP packet some of whose fragments were never seen.
struct IncompleteDatagram {
    /// The frames whose fragments were there.
    var frames: [Int]
    var source: IPAddress
    var destination: IPAddress
    /// Of ESP and AH, in UDP or not: what its first fragment says, where that was there.
    var sealed: (spi: UInt32, sequence: UInt32, isAH: Bool)?
    /// In plain words, such as "bytes 1480-1999 of the IP packet (id 0x1234)".
    var missingDescription: String
}
