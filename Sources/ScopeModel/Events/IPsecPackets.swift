import ScopeDissect
import ScopeWire

/// Where a packet was found: on the wire, or inside what another SA protects.
public struct Enclosure: Hashable, Sendable {
    /// 0 on the wire, 1 in a packet of an SA there, and so on.
    public var depth: UInt8 = 0
    /// The account of the SA around it; 0 on the wire.
    public var account = 0

    public init(depth: UInt8 = 0, account: Int = 0) {
        self.depth = depth
        self.account = account
    }
}

/// What became of an ESP packet's contents.
public enum ESPVerdict: Hashable, Sendable {
    /// No key for its SPI.
    case noKey
    /// The ICV is right. `payload` lies in the plaintext, padding and trailer taken off.
    case verified(payload: Range<Int>, nextHeader: UInt8)
    /// Decrypted, but nothing vouches for it: the SA has no integrity algorithm, or its key is not known.
    case unverified(payload: Range<Int>, nextHeader: UInt8)
    case badICV
    /// The ICV is right, or there is none, and the plaintext makes no sense.
    case malformed(ESPFault)
    /// The capture cut the packet, so nothing can be checked.
    case cut
}

/// What an opener says of one ESP packet beside its verdict.
public struct ESPFinding: Hashable, Sendable {
    /// The high half of the sequence number, where the SA has one and the ICV proved it.
    public var sequenceHigh: UInt32?
    /// Bytes of the ICV that was right; 0 where none was.
    public var icvLength: UInt8
    /// The algorithm has an ICV of another length: some send HMAC-SHA-256 in 96 bits.
    public var isICVLengthUnusual = false
    /// The ICV is right and the padding is not 1, 2, 3 … (RFC 4303 section 2.4).
    public var hasPaddingFault: Bool

    public init(sequenceHigh: UInt32? = nil, icvLength: UInt8 = 0, hasPaddingFault: Bool = false) {
        self.sequenceHigh = sequenceHigh
        self.icvLength = icvLength
        self.hasPaddingFault = hasPaddingFault
    }
}

/// An ESP SA that turned out to encrypt nothing, by what its packets look like (RFC 5879).
public struct NullEncryption: Hashable, Sendable {
    public enum Certainty: UInt8, Hashable, Sendable { case likely, certain }

    public var certainty: Certainty
    /// Bytes of the ICV, which nobody checked.
    public var icvLength: UInt8
    /// An IV of eight bytes leads, as in AES-GMAC (RFC 4543).
    public var hasIV: Bool

    public init(certainty: Certainty, icvLength: UInt8, hasIV: Bool) {
        self.certainty = certainty
        self.icvLength = icvLength
        self.hasIV = hasIV
    }
}

/// What is wrong with an ESP packet.
public enum ESPFault: UInt8, Hashable, Sendable {
    case tooShort, notBlockAligned, padLength, padBytes
}

/// One AH packet (RFC 4302).
public struct AHPacket: Sendable {
    public var source: Endpoint
    public var destination: Endpoint
    public var spi: UInt32
    public var sequence: UInt32
    /// Bytes from the AH header to the end of the packet.
    public var length: Int
    /// Where they stand in the event's bytes, as far as they were captured.
    public var bytes: Range<Int>
    public var account: Int
    public var nextHeader: UInt8
    public var verdict: AHVerdict
    /// What AH protects, in the clear; offsets count in the event's bytes.
    public var inner: Datagram?
    public var repetition: IKEMessage.Repetition
    /// How the sequence number stands to those before it.
    public var step: SequenceStep
    /// The layer around it, where it came out of a tunnel or another AH packet.
    public var enclosure: Enclosure
    /// The inner packet is none of those that the SA was negotiated for.
    public var isOutsideSelectors: Bool

    public init(
        source: Endpoint, destination: Endpoint, spi: UInt32, sequence: UInt32, length: Int, bytes: Range<Int>,
        account: Int, nextHeader: UInt8, verdict: AHVerdict, inner: Datagram? = nil,
        repetition: IKEMessage.Repetition = .first, step: SequenceStep = .uncounted,
        enclosure: Enclosure = Enclosure(), isOutsideSelectors: Bool = false
    ) {
        self.source = source
        self.destination = destination
        self.spi = spi
        self.sequence = sequence
        self.length = length
        self.bytes = bytes
        self.account = account
        self.nextHeader = nextHeader
        self.verdict = verdict
        self.inner = inner
        self.repetition = repetition
        self.step = step
        self.enclosure = enclosure
        self.isOutsideSelectors = isOutsideSelectors
    }
}

/// Whether the ICV of an AH packet is right.
public enum AHVerdict: Hashable, Sendable {
    /// No key for its SPI.
    case noKey
    /// Right, over the packet with its mutable fields at zero (RFC 4302 section 3.3.3).
    case verified(AHFinding)
    case badICV
    /// The capture cut the packet, so nothing can be checked.
    case cut
}

/// What a verifier found beside the right ICV.
public struct AHFinding: Hashable, Sendable {
    /// The high half of the sequence number, where the SA has one.
    public var sequenceHigh: UInt32?
    /// Bytes of the ICV.
    public var icvLength: UInt8
    /// The algorithm has an ICV of another length.
    public var isICVLengthUnusual = false

    public init(sequenceHigh: UInt32? = nil, icvLength: UInt8) {
        self.sequenceHigh = sequenceHigh
        self.icvLength = icvLength
    }
}

/// The pair of IPsec SAs that a Quick Mode made.
public struct IPsecSAPair: Sendable {
    public var ikeSA: IKESA
    public var quickMode: QuickMode
    public var protocolID: SecurityProtocol
    /// Chosen by the exchange's initiator: on packets that go to it.
    public var spiToInitiator: UInt32
    public var spiToResponder: UInt32
    /// The agreed transform with its attributes.
    public var transform: Transform
    /// Whether the keys of both directions could be derived; else what is missing.
    public var keys: KeyStatus

    public init(
        ikeSA: IKESA, quickMode: QuickMode, protocolID: SecurityProtocol, spiToInitiator: UInt32,
        spiToResponder: UInt32, transform: Transform, keys: KeyStatus
    ) {
        self.ikeSA = ikeSA
        self.quickMode = quickMode
        self.protocolID = protocolID
        self.spiToInitiator = spiToInitiator
        self.spiToResponder = spiToResponder
        self.transform = transform
        self.keys = keys
    }
}
