import ScopeDissect
import ScopeModel
import ScopeWire

/// The IP packet at hand, and the frame or frames that it came in; its offsets count in the bytes that go with it.
///
/// Plain numbers, for it goes through many hands: whoever put it together from parts holds these until it was followed.
struct Packet {
    var frame: Frame
    var material = Event.Material.frame
    /// Of its fragments or segments; nil when it came whole in `frame`.
    private var parts: Unmanaged<Parts>?
    var source: Endpoint
    var destination: Endpoint
    var carrier = Carrier.ip
    var hopLimit: UInt8
    /// Where the IP packet stands; empty for a record of a TCP stream.
    var ip: Range<Int>
    /// The capture holds less of it than its headers say.
    var isCut: Bool
    /// Of an IKE message: its UDP checksum covers the addresses alone.
    var hasPartialChecksum = false
    /// Of an IKE message that came whole in IPv4: what its sender numbered it with (RFC 791), else 0.
    var identification: UInt16 = 0
    /// The SA that it came out of.
    var enclosure = Enclosure()

    init(_ datagram: Datagram, _ frame: Frame, _ material: Event.Material = .frame) {
        self.frame = frame
        self.material = material
        source = Endpoint(datagram.source)
        destination = Endpoint(datagram.destination)
        hopLimit = datagram.hopLimit
        ip = datagram.packet
        isCut = datagram.isCut
    }

    /// Reads the identification of an IPv4 packet that came whole.
    mutating func noteIdentification(_ bytes: RawSpan) {
        guard material == .frame, partCount == 0, !source.address.isV6 else { return }
        var reader = ByteReader(bytes, in: ip.dropFirst(4), limit: .capture)
        identification = (try? reader.u16(bytes, "identification")) ?? 0
    }

    /// A packet inside this one.
    func inside(_ datagram: Datagram, _ material: Event.Material, account: Int) -> Packet {
        var packet = Packet(datagram, frame, material)
        packet.parts = parts
        packet.enclosure = Enclosure(depth: enclosure.depth + 1, account: account)
        packet.isCut = packet.isCut || isCut && material != .inner
        return packet
    }

    /// The UDP port of GDOI (RFC 6407 section 2).
    static let groupPort: UInt16 = 848

    var isOnGroupPort: Bool { source.port == Self.groupPort || destination.port == Self.groupPort }

    var frames: [Int] { parts?._withUnsafeGuaranteedRef(\.frames) ?? [frame.number] }

    /// How many fragments or segments it was put together from; 0 when it came whole.
    var partCount: Int { parts?._withUnsafeGuaranteedRef(\.frames.count) ?? 0 }

    /// Hands on the packet as one that was put together from `frames`.
    consuming func joined(from frames: [Int], _ body: (Packet) -> Void) {
        let held = Parts(frames)
        parts = .passUnretained(held)
        withExtendedLifetime(held) { body(self) }
    }

    private final class Parts {
        let frames: [Int]
        init(_ frames: [Int]) { self.frames = frames }
    }

    /// Where on its way the packet was seen: the same packet at another point has another one.
    var place: Place {
        Place(source: source, destination: destination, interface: frame.interface, hopLimit: hopLimit)
    }
}

/// A point on a packet's way: before or behind a NAT, this side or that of a router.
struct Place: Hashable {
    var source: Endpoint
    var destination: Endpoint
    var interface: Int
    var hopLimit: UInt8
}

extension Range<Int> {
    /// The same without its first `count` elements.
    func dropFirst(_ count: Int) -> Range<Int> { Swift.min(lowerBound + count, upperBound)..<upperBound }
}
