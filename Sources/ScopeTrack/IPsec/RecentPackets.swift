import ScopeModel
import ScopeWire

/// The ESP and AH packets seen lately, to recognise those that are seen again.
///
/// A table of fixed size in which a newer packet takes an older one's place: nothing is allocated per packet.
struct RecentPackets {
    private struct Entry {
        var spi: UInt32 = 0
        var sequence: UInt32 = 0
        /// The last bytes, which the ICV makes unlike any other packet's.
        var tail: UInt64 = 0
        var length: Int32 = -1
        var source = Endpoint(IPAddress(v4: 0))
        var destination = Endpoint(IPAddress(v4: 0))
        var interface: Int32 = 0
        var hopLimit: UInt8 = 0
        var count: Int32 = 0
        var frame = 0
        var time = Instant(nanoseconds: 0)
    }

    private var entries: [Entry] = []
    private static let bits = 13
    /// Nothing is so long on its way between two points of a capture.
    private static let travelTime: Int64 = 1_000_000_000

    /// Notes a packet whose ESP or AH bytes are at `range`, and tells whether it was seen before.
    mutating func see(
        _ packet: borrowing Packet, spi: UInt32, sequence: UInt32, _ range: Range<Int>, _ bytes: RawSpan
    ) -> IKEMessage.Repetition {
        if entries.isEmpty { entries = [Entry](repeating: Entry(), count: 1 << Self.bits) }
        let mixed = (UInt64(spi) << 32 | UInt64(sequence)) &* 0x9e37_79b9_7f4a_7c15
        let index = Int(truncatingIfNeeded: mixed >> UInt64(64 - Self.bits))
        let tail = Self.tail(range, bytes)
        let isSame =
            entries[index].spi == spi && entries[index].sequence == sequence && entries[index].tail == tail
            && Int(entries[index].length) == range.count
        guard isSame else {
            entries[index] = Entry(
                spi: spi, sequence: sequence, tail: tail, length: Int32(truncatingIfNeeded: range.count),
                source: packet.source, destination: packet.destination,
                interface: Int32(truncatingIfNeeded: packet.frame.interface), hopLimit: packet.hopLimit, count: 0,
                frame: packet.frame.number, time: packet.frame.time)
            return .first
        }
        let isHere =
            entries[index].source == packet.source && entries[index].destination == packet.destination
            && entries[index].hopLimit == packet.hopLimit && Int(entries[index].interface) == packet.frame.interface
        let frame = entries[index].frame
        if !isHere, packet.frame.time.since(entries[index].time) <= Self.travelTime { return .sighting(of: frame) }
        entries[index].count += 1
        return .retransmission(of: frame, count: Int(entries[index].count))
    }

    private static func tail(_ range: Range<Int>, _ bytes: RawSpan) -> UInt64 {
        var reader = ByteReader(bytes, in: max(range.lowerBound, range.upperBound - 8)..<range.upperBound, limit: .ip)
        return (try? reader.u64(bytes, "tail")) ?? 0
    }
}
