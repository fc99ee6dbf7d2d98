import ScopeDissect
import ScopeWire

/// One thing that happened, emitted once, in order: the narrow waist between tracking and output.
public struct Event: Sendable {
    /// From 1 in the order of emission.
    public var ordinal: Int
    public var time: Instant
    /// The frame that made it happen; nil for what is said at the end.
    public var origin: Frame?
    /// What the bytes are that come with this event, and that its offsets count in.
    public var material: Material
    public var scope: Scope
    public var kind: Kind

    @inlinable public init(
        ordinal: Int, time: Instant, origin: Frame?, material: Material = .frame, scope: Scope, kind: Kind
    ) {
        self.ordinal = ordinal
        self.time = time
        self.origin = origin
        self.material = material
        self.scope = scope
        self.kind = kind
    }

    /// The number of the frame that made it happen; 0 for what is said at the end.
    @inlinable public var frame: Int { origin?.number ?? 0 }

    public enum Material: UInt8, Hashable, Sendable {
        /// The frame as it was captured, from its link-layer header on.
        case frame
        /// An IP packet that was put together from fragments.
        case packet
        /// A record of a TCP stream: IKE behind four zero bytes, or ESP.
        case record
        /// An IP packet that came out of an ESP packet of the frame.
        case inner
    }

    public enum Kind: Sendable {
        case ikeMessage(IKEMessage)
        /// A fragment of an IKE message (payload 132) that is kept until the others are there.
        case ikeFragment(IKEMessage)
        case esp(Told<ESPPacket>)
        case ah(Told<AHPacket>)
        indirect case natKeepalive(source: Endpoint, destination: Endpoint)
        indirect case icmpError(ICMPNotice)
        /// Which keys open an IKE SA, or what is missing: said once per SA, and again when it changes.
        indirect case ikeKeys(IKESA, KeyStatus)
        indirect case ipsecSAs(ChildSA)
        indirect case malformed(MalformedPacket)
        /// The capture cut a packet of ours before what would be needed to follow it.
        indirect case cut(CutPacket)
        indirect case reassembly(ReassemblyNotice)
        /// The capturing system lost packets here.
        case captureLoss(UInt64)
        case comment(String)
        /// A bounded table was full: so many of its least recently used entries went.
        indirect case evicted(table: String, count: Int)
        /// At the end: one per SPI and direction.
        indirect case ipsecAccount(IPsecAccount)
        /// At the end, where it was asked for: packets in the clear that an SA was made for.
        indirect case clearTraffic(ClearTraffic)
        /// At the end: a key that fitted nothing, and what it was tried on.
        case unusedKey(String)
    }
}

/// An ICMP error that quotes IKE, ESP or AH.
public struct ICMPNotice: Sendable {
    public var from: IPAddress
    public var to: IPAddress
    public var error: ICMPError
    public var quotedSource: Endpoint
    public var quotedDestination: Endpoint
    public var quotedProtocol: QuotedProtocol

    /// What the quoted packet carries, as far as the few bytes that are quoted tell.
    public enum QuotedProtocol: Hashable, Sendable, CustomStringConvertible {
        case ike, esp, ah
        case espInUDP
        /// A packet of port 4500 that is quoted without its first four bytes.
        case ikeOrESPInUDP

        public var description: String {
            switch self {
            case .ike: "IKE"
            case .esp: "ESP"
            case .ah: "AH"
            case .espInUDP: "ESP in UDP"
            case .ikeOrESPInUDP: "IKE or ESP in UDP"
            }
        }
    }

    public init(
        from: IPAddress, to: IPAddress, error: ICMPError, quotedSource: Endpoint, quotedDestination: Endpoint,
        quotedProtocol: QuotedProtocol
    ) {
        self.from = from
        self.to = to
        self.error = error
        self.quotedSource = quotedSource
        self.quotedDestination = quotedDestination
        self.quotedProtocol = quotedProtocol
    }
}

/// A packet that does not decode, and where.
public struct MalformedPacket: Sendable {
    public var layer: PacketLayer
    public var error: DecodeError

    public init(layer: PacketLayer, error: DecodeError) {
        self.layer = layer
        self.error = error
    }
}

/// Something to know about fragments.
public enum ReassemblyNotice: Hashable, Sendable {
    /// Fragments overlap with different bytes; the first to arrive were kept (IPv6: the packet is to be discarded, RFC 5722).
    case overlap(frames: [Int])
    /// Fragments of an IP packet or of an IKE message of which some never came; `missing` says which, in words.
    case incomplete(frames: [Int], missing: String)
    /// Fragments that cannot belong together.
    case refused(frame: Int, why: String)

    /// How what is missing ends, where the capture cut it off.
    public static let cutOff = ", cut off by the capture"

    /// What is missing was on the wire.
    public var isOfCapture: Bool {
        if case .incomplete(_, let missing) = self { missing.hasSuffix(Self.cutOff) } else { false }
    }
}
