import ScopeDissect
import ScopeWire

/// One ESP packet.
///
/// Plain numbers: making one allocates nothing.
public struct ESPPacket: Sendable {
    public var source: Endpoint
    public var destination: Endpoint
    public var carrier: Carrier
    public var spi: UInt32
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

    public init(
        source: Endpoint, destination: Endpoint, carrier: Carrier, spi: UInt32, sequence: UInt32, length: Int,
        bytes: Range<Int>, account: Int, verdict: ESPVerdict, innerPacket: Range<Int>? = nil, inner: Datagram? = nil,
        repetition: IKEMessage.Repetition = .first,
        fragments: Int = 0
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
    /// What AH protects, in the clear; offsets count in the event's bytes.
    public var inner: Datagram?
    public var repetition: IKEMessage.Repetition

    public init(
        source: Endpoint, destination: Endpoint, spi: UInt32, sequence: UInt32, length: Int, bytes: Range<Int>,
        account: Int, nextHeader: UInt8, inner: Datagram? = nil, repetition: IKEMessage.Repetition = .first
    ) {
        self.source = source
        self.destination = destination
        self.spi = spi
        self.sequence = sequence
        self.length = length
        self.bytes = bytes
        self.account = account
        self.nextHeader = nextHeader
        self.inner = inner
        self.repetition = repetition
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

/// The account of one SPI in one direction, as it stood at the end.
public struct IPsecAccount: Sendable {
    public var number: Int
    public var isAH: Bool
    public var source: IPAddress
    public var destination: IPAddress
    public var spi: UInt32
    public var firstFrame: Int
    public var packets: Int
    public var octets: Int
    /// Packets that are a second sighting of one counted already.
    public var sightings: Int
    public var verified: Int
    public var unverified: Int
    public var badICV: Int
    public var malformed: Int
    /// Of which the capture holds less than the wire did.
    public var cut: Int
    public var lowestSequence: UInt32
    public var highestSequence: UInt32
    /// The key that opened it, or what is missing.
    public var keys: KeyStatus
    /// The IKE SA that made it, when the capture shows it.
    public var ikeSA: Int?

    public init(
        number: Int, isAH: Bool, source: IPAddress, destination: IPAddress, spi: UInt32, firstFrame: Int,
        sequence: UInt32, keys: KeyStatus, ikeSA: Int?
    ) {
        self.number = number
        self.isAH = isAH
        self.source = source
        self.destination = destination
        self.spi = spi
        self.firstFrame = firstFrame
        packets = 0
        octets = 0
        sightings = 0
        verified = 0
        unverified = 0
        badICV = 0
        malformed = 0
        cut = 0
        lowestSequence = sequence
        highestSequence = sequence
        self.keys = keys
        self.ikeSA = ikeSA
    }
}
