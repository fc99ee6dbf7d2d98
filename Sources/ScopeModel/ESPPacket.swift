import ScopeDissect
import ScopeWire

/// One ESP packet.
public struct ESPPacket: Sendable {
    public var source: Endpoint
    public var destination: Endpoint
    public var carrier: Carrier
    public var spi: UInt32
    /// As it stands in the header: the low half, where the SA uses extended sequence numbers.
    public var sequence: UInt32
    /// Bytes from the SPI to the end of the ICV, as the packet says.
    public var length: Int
    /// Where they stand in the event's bytes, as far as they were captured.
    public var bytes: Range<Int>
    /// Number of the IPsec SA in the tracker's accounts, from 1 by first sight.
    public var account: Int
    public var verdict: ESPVerdict
    /// The decrypted inner IP packet, header included, in the plaintext; in transport mode its header is the outer
    /// packet's.
    ///
    /// Nil where nothing was decrypted, and for a dummy packet.
    public var innerPacket: Range<Int>?
    /// What the inner packet carries, or a packet inside it that may be one for us; offsets count in the plaintext.
    public var inner: Datagram?
    public var repetition: IKEMessage.Repetition
    /// Put together from this many IP fragments; 0 when it came whole.
    public var fragments: Int
    /// What the opener found beside the verdict.
    public var finding: ESPFinding
    /// How the sequence number stands to those before it.
    public var step: SequenceStep
    /// The layer around it, where it came out of another tunnel or an AH packet.
    public var enclosure: Enclosure
    /// The inner packet is none of those that the SA was negotiated for.
    public var isOutsideSelectors: Bool
    /// Readable without a key.
    public var nullEncryption: NullEncryption?

    public init(
        source: Endpoint, destination: Endpoint, carrier: Carrier, spi: UInt32, sequence: UInt32, length: Int,
        bytes: Range<Int>, account: Int, verdict: ESPVerdict, innerPacket: Range<Int>? = nil, inner: Datagram? = nil,
        repetition: IKEMessage.Repetition = .first, fragments: Int = 0, finding: ESPFinding = ESPFinding(),
        step: SequenceStep = .uncounted, enclosure: Enclosure = Enclosure(), isOutsideSelectors: Bool = false,
        nullEncryption: NullEncryption? = nil
    ) {
        self.source = source
        self.destination = destination
        self.carrier = carrier
        self.spi = spi
        self.sequence = sequence
        self.length = length
        self.bytes = bytes
        self.account = account
        self.verdict = verdict
        self.innerPacket = innerPacket
        self.inner = inner
        self.repetition = repetition
        self.fragments = fragments
        self.finding = finding
        self.step = step
        self.enclosure = enclosure
        self.isOutsideSelectors = isOutsideSelectors
        self.nullEncryption = nullEncryption
    }
}
