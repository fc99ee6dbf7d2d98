import ScopeDissect
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
    /// UDP ports of its first packet, and of those that came from, or went to, others later; none in raw ESP and AH.
    public var ports = PortPair()
    public var laterPorts: PortPair?
    /// The first frame with those.
    public var laterPortsFrame = 0
    /// Of ESP: a bit for each remainder, by 16, of the bytes behind SPI and sequence number.
    public var lengthRemainders: UInt16 = 0
    /// Of ESP: bytes of the shortest and the longest packet, from the SPI on.
    public var shortest = Int.max
    public var longest = 0
    /// Of AH: bytes of its ICV field, as the last header says.
    public var fieldLength: UInt8 = 0
    /// Packets whose sequence number follows that of the packet before only when their bytes are read backwards.
    public var swappedSteps = 0
    /// What was inside, where it could be opened, or in the clear in AH.
    public var contents = Contents()
    /// The account of the same sender whose sequence numbers this one shares; 0 where it counts for itself.
    public var countsWith = 0
    /// Of AH: so many of the wrong ICVs are right when this field, which changes on the way, is left in.
    public var leftIn: (field: AHMutableField, packets: Int)?
    /// Another account shares its sequence numbers.
    public var isShared = false
    /// An account with the same SPI and one end in common: another SA, as far as the capture tells; 0 where there is none.
    public var namesake = 0

    /// What an SA carries that matters for who shares its addresses.
    public struct Contents: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let gre = Contents(rawValue: 1)
        public static let l2tp = Contents(rawValue: 2)
        /// An Error Indication of NHRP (RFC 2332 section 5.2.7) in GRE.
        public static let nhrpError = Contents(rawValue: 4)
        /// A whole IP packet: tunnel mode.
        public static let tunnel = Contents(rawValue: 8)
        /// Without an IP header of its own: transport mode.
        public static let transport = Contents(rawValue: 16)
    }

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
