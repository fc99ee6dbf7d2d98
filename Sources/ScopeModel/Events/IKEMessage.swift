import ScopeDissect
import ScopeWire

/// One IKE message, placed in its SA and exchange.
///
/// It is large, goes through many hands and never changes: so it is handed on as one reference.
public final class IKEMessage: Sendable {
    /// The frames that carried it: more than one when it was put together from fragments.
    public let frames: [Int]
    public let source: Endpoint
    public let destination: Endpoint
    public let carrier: Carrier
    /// The message on the wire (put together, when it came in fragments).
    public let message: ISAKMPMessage
    /// Put together from IKEv1 fragments (payload 132): how many.
    public let ikeFragments: Int
    /// The IKE SA after this message; nil for a message that belongs to none (a malformed or unknown one).
    public let sa: IKESA?
    /// Phase-1 position before this message.
    public let positionBefore: Int
    /// Who sent it, as a role of the IKE SA.
    public let sender: Role
    public let step: Step
    public let repetition: Repetition
    public let opening: Opening
    /// One entry per NAT-D payload, in wire order.
    public let natDiscovery: [NATDiscoveryMatch]
    /// The Quick Mode that it belongs to, after this message.
    public let quickMode: ChildNegotiation?
    /// What it asks or answers of Dead Peer Detection.
    public let liveness: Liveness?
    /// Whether the HASH or the signature of a message in the clear proves it (Aggressive Mode).
    public let clearProof: Proof
    /// What its CERT payloads hold; nil when it has none that can be read.
    public let certificates: CertificateReport?
    /// What the follower of IKEv2 made of it; nil of a message of IKEv1.
    public let v2: IKEv2Reading?
    /// TTL or hop limit at this tap; 0 where there is none.
    public let hopLimit: UInt8
    /// The UDP checksum covers the addresses alone: the network card was to finish it when it sent the packet.
    public let hasPartialChecksum: Bool

    public init(
        frames: [Int], source: Endpoint, destination: Endpoint, carrier: Carrier, message: ISAKMPMessage,
        ikeFragments: Int = 0, sa: IKESA? = nil, positionBefore: Int = 0, sender: Role, step: Step,
        repetition: Repetition = .first, opening: Opening = .clear, natDiscovery: [NATDiscoveryMatch] = [],
        quickMode: ChildNegotiation? = nil, liveness: Liveness? = nil, clearProof: Proof = .notChecked,
        certificates: CertificateReport? = nil, v2: IKEv2Reading? = nil, hopLimit: UInt8 = 0,
        hasPartialChecksum: Bool = false
    ) {
        self.frames = frames
        self.source = source
        self.destination = destination
        self.carrier = carrier
        self.message = message
        self.ikeFragments = ikeFragments
        self.sa = sa
        self.positionBefore = positionBefore
        self.sender = sender
        self.step = step
        self.repetition = repetition
        self.opening = opening
        self.natDiscovery = natDiscovery
        self.quickMode = quickMode
        self.liveness = liveness
        self.clearProof = clearProof
        self.certificates = certificates
        self.v2 = v2
        self.hopLimit = hopLimit
        self.hasPartialChecksum = hasPartialChecksum
    }

    /// Whether its HASH or its signature proves it, encrypted or not.
    public var proof: Proof { opening.proof(clear: clearProof) }

    /// The payloads that can be read: the decrypted ones, else those in the clear; nil while it stays sealed.
    public var readable: PayloadChain? { opening.readable(clear: message.chain) }

    /// Whether a packet is the first of its kind.
    public enum Repetition: Hashable, Sendable {
        case first
        /// The sender sent the same bytes again; the frame is the first one's, the count that of this repeat (from 1).
        case retransmission(of: Int, count: Int)
        /// The same packet seen at another point of the capture (both sides of a NAT, two interfaces).
        case sighting(of: Int)
        /// The other side sent the same bytes back to who had sent them: no answer, and no copy.
        case reflection(of: Int)
    }
}

/// A step of Dead Peer Detection (RFC 3706 section 5.3): a question, or the answer that carries its sequence number.
public enum Liveness: Hashable, Sendable {
    /// R-U-THERE; `first` is the frame that asked with this number first, `attempt` counts from 1.
    case asks(sequence: UInt32, first: Int, attempt: Int)
    /// R-U-THERE-ACK; `asked` is the frame with the question, nil when it was not seen.
    case answers(sequence: UInt32, asked: Int?)
}

/// What became of an encrypted message.
public enum Opening: Sendable {
    /// It was not encrypted.
    case clear
    /// Decrypted with the key that `key` names (`psk[0] with dh[1].private`), never its bytes.
    case opened(PayloadChain, key: KeyName, proof: Proof)
    /// No key fits; the reason in one plain phrase.
    case sealed(why: String)
    /// Keys were tried on it and none gave a sane plaintext; `tried` names them.
    case unreadable(tried: [KeyName])

    /// The proof that was in the message when it was opened, else that of a message in the clear.
    public func proof(clear: Proof) -> Proof {
        switch self {
        case .clear: clear
        case .opened(_, _, let proof): proof
        case .sealed, .unreadable: .notChecked
        }
    }

    /// The decrypted payloads of a message, else those it has in the clear; nil while it stays sealed.
    public func readable(clear: PayloadChain) -> PayloadChain? {
        switch self {
        case .clear: clear
        case .opened(let chain, _, _): chain
        case .sealed, .unreadable: nil
        }
    }
}
