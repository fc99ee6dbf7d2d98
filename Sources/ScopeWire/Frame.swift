/// A point in time, in nanoseconds since 1970-01-01 00:00:00 UTC; it comes from frames, never from a clock.
@frozen public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Nanoseconds from `earlier` to this instant; wraps rather than traps on absurd clocks.
    @inlinable public func since(_ earlier: Instant) -> Int64 { nanoseconds &- earlier.nanoseconds }
}

/// The kind of link-layer header a frame starts with (the LINKTYPE_ registry of tcpdump.org).
public struct LinkType: CodePoint, BitwiseCopyable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var null: LinkType { LinkType(rawValue: 0) }
    @inlinable public static var ethernet: LinkType { LinkType(rawValue: 1) }
    @inlinable public static var ppp: LinkType { LinkType(rawValue: 9) }
    /// Raw IP under the number that libpcap has for it inside, and that some files carry.
    @inlinable public static var rawInside: LinkType { LinkType(rawValue: 12) }
    @inlinable public static var pppHDLC: LinkType { LinkType(rawValue: 50) }
    @inlinable public static var pppEthernet: LinkType { LinkType(rawValue: 51) }
    @inlinable public static var raw: LinkType { LinkType(rawValue: 101) }
    @inlinable public static var ciscoHDLC: LinkType { LinkType(rawValue: 104) }
    @inlinable public static var loop: LinkType { LinkType(rawValue: 108) }
    @inlinable public static var linuxSLL: LinkType { LinkType(rawValue: 113) }
    @inlinable public static var ipv4: LinkType { LinkType(rawValue: 228) }
    @inlinable public static var ipv6: LinkType { LinkType(rawValue: 229) }
    @inlinable public static var linuxSLL2: LinkType { LinkType(rawValue: 276) }

    public static let names: [LinkType: String] = [
        .null: "BSD loopback", .ethernet: "Ethernet", .ppp: "PPP", .pppHDLC: "PPP in HDLC framing",
        .pppEthernet: "PPPoE session", .raw: "raw IP", .rawInside: "raw IP", .ciscoHDLC: "Cisco HDLC",
        .loop: "OpenBSD loopback",
        .linuxSLL: "Linux cooked v1", .ipv4: "raw IPv4", .ipv6: "raw IPv6", .linuxSLL2: "Linux cooked v2",
    ]
}

/// The data that a capture has on a frame, beside its bytes.
///
/// It is plain numbers, because it is copied with every packet.
@frozen public struct Frame: Hashable, Sendable, BitwiseCopyable {
    /// Counts from 1 over all inputs, as Wireshark does.
    public var number: Int
    public var time: Instant
    public var linkType: LinkType
    /// Bytes in the capture; the rest was cut off by the snaplen.
    public var capturedLength: Int
    /// Bytes on the wire.
    public var originalLength: Int
    /// Which interface of which input saw it: an index into `CaptureSource.interfaces`.
    public var interface: Int

    @inlinable public init(
        number: Int, time: Instant, linkType: LinkType, capturedLength: Int, originalLength: Int, interface: Int = 0
    ) {
        self.number = number
        self.time = time
        self.linkType = linkType
        self.capturedLength = capturedLength
        self.originalLength = originalLength
        self.interface = interface
    }
}

/// One interface that a capture was made on.
public struct CaptureInterface: Hashable, Sendable {
    public var name: String?
    public var description: String?
    public var linkType: LinkType
    /// Bytes kept of each frame; 0 means no limit.
    public var snapLength: Int
    /// Packets that the capturing system says it received, and dropped, on this interface.
    public var received: UInt64?
    public var dropped: UInt64?

    public init(name: String? = nil, description: String? = nil, linkType: LinkType, snapLength: Int = 0) {
        self.name = name
        self.description = description
        self.linkType = linkType
        self.snapLength = snapLength
    }
}

/// An item of a capture source.
public enum CaptureItem: Sendable {
    case frame(Frame)
    /// Nothing arrived up to this time (live and followed input): timers may run.
    case quiet(until: Instant)
    /// The kernel lost this many packets since the last such item: not captured is not the same as not sent.
    case dropped(UInt64)
}
