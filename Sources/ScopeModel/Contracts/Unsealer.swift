import ScopeDissect
import ScopeWire

/// All that the tracker asks of the keys; it never sees a key.
public protocol Unsealer: AnyObject {
    /// True when no key material was given at all.
    var isEmpty: Bool { get }

    /// An opener for one IKE SA; it holds that SA's cipher keys and IV chains.
    func opener(for facts: IKEv1Facts) -> any IKESAOpener

    /// An opener for one IKEv2 SA; nil where this unsealer opens none.
    func opener(for facts: IKEv2Facts) -> (any IKEv2SAOpener)?

    /// Openers for an ESP SA whose keys were given directly, the likeliest first: several where several keys were given.
    func espOpeners(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any ESPOpener]

    /// Verifiers for an AH SA whose keys were given directly, in the same way.
    func ahVerifiers(spi: UInt32, source: IPAddress, destination: IPAddress) -> [any AHVerifier]

    /// HASH(CKY-I | CKY-R | address | port) with the `hash` of phase 1 (RFC 3947 section 3.2); nil where it is not known.
    func natDiscoveryHash(
        _ hash: Hash, initiatorSPI: UInt64, responderSPI: UInt64, address: IPAddress, port: UInt16
    ) -> [UInt8]?

    /// What the CERT payloads of `chain` hold (RFC 2408 section 3.9); nil when it has none.
    func certificates(in chain: PayloadChain, _ context: CertificateContext) -> CertificateReport?

    /// One line for each key that fitted nothing, with what it was tried on; asked once, at the end.
    func unusedKeys() -> [String]
}

extension Unsealer {
    public func opener(for facts: IKEv2Facts) -> (any IKEv2SAOpener)? { nil }
}

/// Opens the messages of one IKEv1 SA (RFC 2409 section 5 and appendix B).
///
/// It is given each message once, in the order in which they were sent: the tracker keeps repeats away, which would move
/// an IV chain.
public protocol IKESAOpener: AnyObject {
    /// New facts arrived (a KE payload, the chosen transform …).
    func learn(_ facts: IKEv1Facts)

    /// The keys of both sides were found: nothing of phase 1 is needed any more.
    var isSettled: Bool { get }

    /// Which keys open this SA, or what is missing; final only after the first encrypted message was tried.
    var status: KeyStatus { get }

    /// Decrypts a message and checks its HASH. `step` tells the IV chain and the HASH rule.
    func open(_ message: ISAKMPMessage, from sender: Role, step: IKEv1Step) -> Opening

    /// The fingerprint (SHA-256) of the certificate whose key fitted the last signature of `sender`; empty where it was
    /// checked and none fits, nil before.
    func signer(_ sender: Role) -> [UInt8]?

    /// Checks the HASH or signature of a message of this SA that is not encrypted (Aggressive Mode).
    func prove(_ message: ISAKMPMessage, from sender: Role, step: IKEv1Step) -> Proof

    /// Derives the KEYMAT of the SAs that `quickMode` made (RFC 2409 section 5.5): one run per SPI.
    func childKeys(of quickMode: ChildNegotiation) -> ChildKeys
}

/// The keys of the IPsec SAs that one negotiation made.
public struct ChildKeys {
    public var status: KeyStatus
    /// The openers of both directions of each agreed ESP proposal, by SPI.
    public var openers: [(spi: UInt32, opener: any ESPOpener)]
    /// The verifiers of both directions of each agreed AH proposal, by SPI.
    public var verifiers: [(spi: UInt32, verifier: any AHVerifier)]

    public init(
        status: KeyStatus, openers: [(spi: UInt32, opener: any ESPOpener)] = [],
        verifiers: [(spi: UInt32, verifier: any AHVerifier)] = []
    ) {
        self.status = status
        self.openers = openers
        self.verifiers = verifiers
    }
}

/// Verifies and decrypts the packets of one ESP SA (RFC 4303).
///
/// It shares no changing state with the opener of another SA, except the notes of which keys fitted.
public protocol ESPOpener: AnyObject {
    /// The name of the key.
    var keyName: KeyName { get }

    /// Opens the packet at `esp` (SPI to ICV) of `bytes`; the plaintext goes into `plaintext`.
    ///
    /// The ICV is checked before anything is decrypted or believed. Allocates nothing.
    func open(_ bytes: RawSpan, esp: Range<Int>, into plaintext: PlaintextBuffer) -> ESPOpening

    /// Another opener of the same SA, for another thread, which shares no changing state with this one.
    ///
    /// It finds what this one finds, whatever packets either opened before. Nil for an SA whose packets have to be opened
    /// in their order, and as long as that is not decided.
    func twin() -> (any ESPOpener)?

    /// Notes what a twin made of a packet, as if this opener had opened it.
    func note(_ opening: ESPOpening)

    /// The opener that does the work: another one where this one makes it with the first packet.
    var working: any ESPOpener { get }
}

extension ESPOpener {
    public var working: any ESPOpener { self }
}

/// What became of one ESP packet, and what was found on the way.
public struct ESPOpening: Hashable, Sendable {
    public var verdict: ESPVerdict
    public var finding: ESPFinding

    public init(_ verdict: ESPVerdict, _ finding: ESPFinding = ESPFinding()) {
        self.verdict = verdict
        self.finding = finding
    }

    /// True when an ICV proved the key, whatever the plaintext is worth.
    public var isProved: Bool { finding.icvLength > 0 }
}

/// Checks the ICVs of the packets of one AH SA (RFC 4302).
public protocol AHVerifier: AnyObject {
    /// The name of the key.
    var keyName: KeyName { get }

    /// Checks a packet that lies in `buffer` with its mutable fields at zero; its ICV field is at `icv`.
    ///
    /// The field is as it was on the wire, and may be changed. Allocates nothing.
    func verify(_ buffer: PlaintextBuffer, covered: Range<Int>, icv: Range<Int>, sequence: UInt32) -> AHVerdict
}

/// A buffer for decrypted packets, each of which overwrites the one before.
public final class PlaintextBuffer {
    /// Where openers begin to write: an IP header fits before it (transport mode gets one back).
    public static let headroom = 128
    /// Room for the largest IP packet and a block behind the headroom.
    public static let capacity = headroom + 65_536 + 64
    /// The memory never moves, so that no access to it has to be checked at run time.
    @usableFromInline let memory: UnsafeMutableRawBufferPointer

    /// Room for any packet, or for so many bytes, headroom included.
    public init(capacity: Int = PlaintextBuffer.capacity) {
        memory = .allocate(byteCount: max(capacity, 1), alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { memory.deallocate() }

    /// Bytes, headroom included.
    @inlinable public var count: Int { memory.count }

    @inlinable @inline(__always) public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(memory))
    }

    @inlinable @inline(__always) public func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R)
        -> R
    {
        body(memory)
    }
}
