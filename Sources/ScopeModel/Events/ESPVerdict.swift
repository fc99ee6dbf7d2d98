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

    /// What was decrypted, without its trailer.
    public var payload: Range<Int>? {
        switch self {
        case .verified(let payload, _), .unverified(let payload, _): payload
        case .noKey, .badICV, .malformed, .cut: nil
        }
    }
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
