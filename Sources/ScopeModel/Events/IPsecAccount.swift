import ScopeWire

/// The account of one SPI in one direction, as it stood at the end.
public struct IPsecAccount: Sendable {
    public var number: Int
    public var isAH: Bool
    public var source: IPAddress
    public var destination: IPAddress
    public var spi: UInt32
    public var firstFrame: Int
    public var lastFrame: Int
    public var firstTime: Instant
    public var lastTime: Instant
    public var packets = 0
    /// From the SPI to the end of the ICV, or of the AH packet.
    public var octets = 0
    /// Packets that are a second sighting of one counted already.
    public var sightings = 0
    public var verified = 0
    public var unverified = 0
    public var badICV = 0
    /// The ICV is right, or there is none, and the plaintext makes no sense.
    public var malformed = 0
    /// Of which the capture holds less than the wire did.
    public var cut = 0
    /// Of those verified: the padding is not 1, 2, 3 … (RFC 4303 section 2.4).
    public var paddingFaults = 0
    /// Inner packets that the SA was not negotiated for.
    public var outsideSelectors = 0
    /// Of the packets that a receiver takes: all until the key is proved, then those whose ICV is right.
    public var sequence = SequenceCounts()
    /// Runs of missing sequence numbers, and the longest.
    public var lossRuns = 0
    public var longestLossRun: UInt64 = 0
    /// Bytes of the ICV that fitted; 0 where none did.
    public var icvLength: UInt8 = 0
    /// The agreed or given algorithm has an ICV of another length: some send SHA-256 in 96 bits.
    public var isICVLengthUnusual = false
    /// The high half of the last sequence number, where the SA has one and an ICV proved it.
    public var sequenceHigh: UInt32?
    /// Readable without a key.
    public var nullEncryption: NullEncryption?
    /// The key that opened it, or what is missing.
    public var keys: KeyStatus
    /// The IKE SA that made it, when the capture shows it.
    public var ikeSA: Int?
    /// The SA around it, where its packets came out of another one; 0 where they were on the wire.
    public var enclosure = Enclosure()

    /// An account without packets; `frame` is the first one's.
    public init(
        number: Int, isAH: Bool, source: IPAddress, destination: IPAddress, spi: UInt32, frame: Frame,
        keys: KeyStatus, ikeSA: Int?
    ) {
        self.number = number
        self.isAH = isAH
        self.source = source
        self.destination = destination
        self.spi = spi
        firstFrame = frame.number
        lastFrame = frame.number
        firstTime = frame.time
        lastTime = frame.time
        self.keys = keys
        self.ikeSA = ikeSA
    }
}
