import ScopeDissect
import ScopeWire

/// One ESP packet.
public struct ESPPacket: Sendable {
    public var source = Endpoint(IPAddress(v4: 0))
    public var destination = Endpoint(IPAddress(v4: 0))
    public var carrier = Carrier.ip
    public var spi = UInt32(0)
    /// As it stands in the header: the low half, where the SA uses extended sequence numbers.
    public var sequence = UInt32(0)
    /// Bytes from the SPI to the end of the ICV, as the packet says.
    public var length = 0
    /// Where they stand in the event's bytes, as far as they were captured.
    public var bytes = 0..<0
    /// TTL or hop limit at this tap.
    public var hopLimit: UInt8 = 0
    /// Number of the IPsec SA in the tracker's accounts, from 1 by first sight.
    public var account = 0
    public var verdict = ESPVerdict.noKey
    /// The decrypted inner IP packet, header included, in the plaintext; in transport mode its header is the outer
    /// packet's.
    ///
    /// Nil where nothing was decrypted, and for a dummy packet.
    public var innerPacket: Range<Int>?
    /// What the inner packet carries, or a packet inside it that may be one for us; offsets count in the plaintext.
    public var inner: Datagram?
    public var repetition = IKEMessage.Repetition.first
    /// Put together from this many IP fragments; 0 when it came whole.
    public var fragments = 0
    /// What the opener found beside the verdict.
    public var finding = ESPFinding()
    /// How the sequence number stands to those before it.
    public var step = SequenceStep.uncounted
    /// The layer around it, where it came out of another tunnel or an AH packet.
    public var enclosure = Enclosure()
    /// The inner packet is none of those that the SA was negotiated for.
    public var isOutsideSelectors = false
    /// Readable without a key.
    public var nullEncryption: NullEncryption?

    public init() {}
}

extension ESPPacket {
    /// The inner packet came out of an IPComp packet (RFC 3173): it lies behind that.
    public var isInflated: Bool {
        guard let innerPacket, let payload = verdict.payload else { return false }
        return innerPacket.lowerBound >= payload.upperBound
    }

    /// The inner packet has the header of the packet around it: transport mode.
    public var isUnderOuterHeader: Bool {
        guard let innerPacket, let payload = verdict.payload else { return false }
        // Where a payload begins that was inflated, with room for a header before it.
        let start = isInflated ? payload.upperBound + PlaintextBuffer.headroom : payload.lowerBound
        return innerPacket.lowerBound < start
    }
}
