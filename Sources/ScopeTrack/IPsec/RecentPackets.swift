import ScopeModel
import ScopeWire

/// The ESP and AH packets seen lately, to recognise those that are seen again.
///
/// A table of fixed size in which a newer packet takes an older one's place: nothing is allocated per packet.
struct RecentPackets {
    private struct Entry {
        /// SPI, sequence number and length, mixed with the last bytes, which the ICV makes unlike any other packet's.
        var packet: UInt64 = 0
        /// Where it was seen.
        var place: UInt64 = 0
        /// 0: none yet.
        var frame = 0
        var time = Instant(nanoseconds: 0)
        var count: Int32 = 0
        /// The place of its account.
        var account: Int32 = -1
    }

    private var entries: [Entry] = []
    /// Where the packet at hand stands.
    private var current = 0
    private static let bits = 13
    /// Numbers that follow each other have entries beside each other, in groups of so many bits.
    private static let groupBits: UInt32 = 3
    /// Nothing is so long on its way between two points of a capture.
    private static let travelTime: Int64 = 1_000_000_000

    /// Notes a packet whose ESP or AH bytes are at `range`, and tells whether it was seen before.
    @inline(__always)
    mutating func see(
        _ packet: Packet, spi: UInt32, sequence: UInt32, _ range: Range<Int>, _ bytes: RawSpan
    ) -> IKEMessage.Repetition {
        if entries.isEmpty { entries = [Entry](repeating: Entry(), count: 1 << Self.bits) }
        let group = Self.mix(UInt64(spi) << 32 | UInt64(sequence >> Self.groupBits))
        let index =
            Int(truncatingIfNeeded: group >> UInt64(64 - Self.bits)) & ~((1 << Int(Self.groupBits)) - 1)
            | Int(sequence & (1 << Self.groupBits - 1))
        let own = Self.mix(
            Self.tail(range, bytes) ^ Self.mix(UInt64(spi) << 32 | UInt64(sequence))
                &+ UInt64(truncatingIfNeeded: range.upperBound - range.lowerBound))
        current = index
        guard entries[index].packet == own, entries[index].frame > 0 else {
            entries[index] = Entry(
                packet: own, place: Self.place(packet), frame: packet.frame.number, time: packet.frame.time)
            return .first
        }
        let frame = entries[index].frame
        if entries[index].place != Self.place(packet),
            packet.frame.time.since(entries[index].time) <= Self.travelTime
        {
            return .sighting(of: frame)
        }
        entries[index].count &+= 1
        return .retransmission(of: frame, count: Int(entries[index].count))
    }

    /// The place of the account that the packet at hand was counted in when it was first seen; nil where it is new.
    var account: Int? { entries[current].account < 0 ? nil : Int(entries[current].account) }

    /// Notes the account of the packet at hand, which is new.
    @inline(__always)
    mutating func note(account: Int) { entries[current].account = Int32(truncatingIfNeeded: account) }

    /// Addresses, ports, interface and hop limit: the same packet at another point of its way has others.
    @inline(__always)
    private static func place(_ packet: Packet) -> UInt64 {
        let (source, destination) = (packet.source, packet.destination)
        let ports = UInt64(source.port) << 48 | UInt64(destination.port) << 32
        let point = UInt64(packet.hopLimit) << 24 ^ UInt64(truncatingIfNeeded: packet.frame.interface)
        var mixed = mix(ports ^ point ^ source.address.high)
        mixed = mix(mixed ^ source.address.low)
        mixed = mix(mixed ^ destination.address.high)
        return mix(mixed ^ destination.address.low)
    }

    /// Spreads all bits over all others (the finaliser of MurmurHash3).
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ mixed >> 33
    }

    /// The last bytes and the first ones behind SPI and sequence number: an ICV may be the same for all packets, where an
    /// implementation is broken, and padding is.
    @inline(__always)
    private static func tail(_ range: Range<Int>, _ bytes: RawSpan) -> UInt64 {
        word(range.upperBound - 8, range, bytes) ^ word(range.lowerBound + 8, range, bytes) &* 31
    }

    /// Eight bytes at `start`; 0 where there are fewer.
    @inline(__always)
    private static func word(_ start: Int, _ range: Range<Int>, _ bytes: RawSpan) -> UInt64 {
        guard start >= range.lowerBound, start <= range.upperBound - 8, range.upperBound <= bytes.byteCount else {
            return 0
        }
        return bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
    }
}
