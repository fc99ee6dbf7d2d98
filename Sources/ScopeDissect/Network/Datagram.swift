import ScopeWire

/// What one frame, reassembled packet or decrypted packet carries for us: the innermost IP packet that the
/// dissector reached, with the place of its payload.
///
/// Offsets count in the bytes that were dissected. Plain numbers only: making one allocates nothing.
public struct Datagram: Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    /// IPv4 TTL or IPv6 hop limit.
    public var hopLimit: UInt8
    /// The whole IP packet, header included, as far as it was captured.
    public var packet: Range<Int>
    public var content: Content
    /// True when the capture holds less of the packet than its headers say.
    public var isCut: Bool
    /// What stood around the IP packet, outermost first.
    public var layers: LayerStack

    public enum Content: Sendable {
        case udp(sourcePort: UInt16, destinationPort: UInt16, payload: Range<Int>)
        case tcp(TCPSegment)
        /// IP protocol 50, from the SPI on.
        case esp(Range<Int>)
        /// IP protocol 51, from the next-header byte on.
        case ah(Range<Int>)
        case icmpError(ICMPError)
        case fragment(IPFragment)
        case other(IPProtocol, Range<Int>)
    }

    @inlinable public init(
        source: IPAddress, destination: IPAddress, hopLimit: UInt8, packet: Range<Int>, content: Content,
        isCut: Bool = false, layers: LayerStack = LayerStack()
    ) {
        self.source = source
        self.destination = destination
        self.hopLimit = hopLimit
        self.packet = packet
        self.content = content
        self.isCut = isCut
        self.layers = layers
    }
}

extension Datagram {
    /// An empty datagram to write to.
    @inlinable public static var none: Datagram {
        Datagram(
            source: IPAddress(v4: 0), destination: IPAddress(v4: 0), hopLimit: 0, packet: 0..<0,
            content: .other(.hopByHop, 0..<0))
    }

    /// What stands behind the IP headers.
    public var transport: IPProtocol {
        switch content {
        case .udp: .udp
        case .tcp: .tcp
        case .esp: .esp
        case .ah: .ah
        case .icmpError(let error): error.isV6 ? .icmpv6 : .icmp
        case .fragment(let fragment): fragment.nextProtocol
        case .other(let number, _): number
        }
    }

    /// Source and destination port; 0 where there are none.
    public var ports: (UInt16, UInt16) {
        switch content {
        case .udp(let source, let destination, _): (source, destination)
        case .tcp(let segment): (segment.sourcePort, segment.destinationPort)
        case .esp, .ah, .icmpError, .fragment, .other: (0, 0)
        }
    }
}

/// An IP protocol number (IPv4 protocol, IPv6 next header).
public struct IPProtocol: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var hopByHop: IPProtocol { IPProtocol(rawValue: 0) }
    @inlinable public static var icmp: IPProtocol { IPProtocol(rawValue: 1) }
    @inlinable public static var ipv4: IPProtocol { IPProtocol(rawValue: 4) }
    @inlinable public static var tcp: IPProtocol { IPProtocol(rawValue: 6) }
    @inlinable public static var udp: IPProtocol { IPProtocol(rawValue: 17) }
    @inlinable public static var ipv6: IPProtocol { IPProtocol(rawValue: 41) }
    @inlinable public static var routing: IPProtocol { IPProtocol(rawValue: 43) }
    @inlinable public static var ipv6Fragment: IPProtocol { IPProtocol(rawValue: 44) }
    @inlinable public static var gre: IPProtocol { IPProtocol(rawValue: 47) }
    @inlinable public static var esp: IPProtocol { IPProtocol(rawValue: 50) }
    @inlinable public static var ah: IPProtocol { IPProtocol(rawValue: 51) }
    @inlinable public static var icmpv6: IPProtocol { IPProtocol(rawValue: 58) }
    @inlinable public static var noNext: IPProtocol { IPProtocol(rawValue: 59) }
    @inlinable public static var destinationOptions: IPProtocol { IPProtocol(rawValue: 60) }
    @inlinable public static var ospf: IPProtocol { IPProtocol(rawValue: 89) }
    @inlinable public static var ipComp: IPProtocol { IPProtocol(rawValue: 108) }
    @inlinable public static var sctp: IPProtocol { IPProtocol(rawValue: 132) }

    public static let names: [IPProtocol: String] = [
        .icmp: "icmp", .ipv4: "ipv4", .tcp: "tcp", .udp: "udp", .ipv6: "ipv6", .gre: "gre", .esp: "esp", .ah: "ah",
        .icmpv6: "icmpv6", .noNext: "none", .ospf: "ospf", .ipComp: "ipcomp", .sctp: "sctp",
        .hopByHop: "hop-by-hop", .routing: "routing", .ipv6Fragment: "fragment", .destinationOptions: "dest-options",
    ]
}

/// One fragment of an IP packet: what a reassembler needs.
public struct IPFragment: Sendable {
    /// IPv4 identification (16 bits) or IPv6 fragment identification (32 bits).
    public var identification: UInt32
    public var nextProtocol: IPProtocol
    /// Where this piece belongs in the whole payload, in bytes.
    public var offset: Int
    public var moreFragments: Bool
    /// The piece itself.
    public var payload: Range<Int>
    /// The headers before the fragmented part (IPv6: without the fragment header), to stand before the whole.
    public var headers: Range<Int>

    public init(
        identification: UInt32, nextProtocol: IPProtocol, offset: Int, moreFragments: Bool, payload: Range<Int>,
        headers: Range<Int>
    ) {
        self.identification = identification
        self.nextProtocol = nextProtocol
        self.offset = offset
        self.moreFragments = moreFragments
        self.payload = payload
        self.headers = headers
    }
}

/// A TCP segment (RFC 9293), for IKE and ESP in TCP (RFC 9329).
public struct TCPSegment: Sendable {
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    public var sequence: UInt32
    public var isSYN: Bool
    public var isFIN: Bool
    public var isRST: Bool
    public var payload: Range<Int>

    public init(
        sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, isSYN: Bool, isFIN: Bool, isRST: Bool,
        payload: Range<Int>
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequence = sequence
        self.isSYN = isSYN
        self.isFIN = isFIN
        self.isRST = isRST
        self.payload = payload
    }
}

/// An ICMP or ICMPv6 error and the packet that it quotes.
public struct ICMPError: Sendable {
    public var isV6: Bool
    public var type: UInt8
    public var code: UInt8
    /// Next-hop MTU of "fragmentation needed" and "packet too big"; 0 when not told.
    public var mtu: UInt32
    /// The quoted IP packet, as far as it is quoted.
    public var quoted: Range<Int>

    public init(isV6: Bool, type: UInt8, code: UInt8, mtu: UInt32, quoted: Range<Int>) {
        self.isV6 = isV6
        self.type = type
        self.code = code
        self.mtu = mtu
        self.quoted = quoted
    }
}

/// The layers around an IP packet, outermost first: at most eight, packed into one word.
public struct LayerStack: Hashable, Sendable {
    public enum Layer: UInt8, Sendable {
        case ethernet = 1, vlan, mpls, linuxCooked, null, ppp, pppoe, raw, ciscoHDLC, ipv4, ipv6, gre, gtpU, vxlan
    }

    @usableFromInline var packed: UInt64 = 0

    @inlinable public init() {}

    /// Adds an inner layer; behind the eighth nothing is kept.
    public mutating func push(_ layer: Layer) {
        guard count < 8 else { return }
        packed |= UInt64(layer.rawValue) << UInt64(8 * count)
    }

    public var count: Int { (64 - packed.leadingZeroBitCount + 7) / 8 }

    public var layers: [Layer] {
        (0..<count).compactMap { Layer(rawValue: UInt8(truncatingIfNeeded: packed >> UInt64(8 * $0))) }
    }
}
