import ScopeDissect
import ScopeWire

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
