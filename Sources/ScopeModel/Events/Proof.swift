/// Whether a message is proved by the key that it was opened or checked with.
public enum Proof: Hashable, Sendable {
    /// The HASH was recomputed and is right, or the signature fits the key of a certificate.
    case verified(ProofKind)
    /// The HASH was recomputed and differs.
    case failed(ProofKind)
    /// Nothing could be recomputed (facts are missing, no certificate is at hand); the payloads are well-formed.
    case notChecked
}

/// What proves a message, by the name that RFC 2409 or RFC 7296 gives it.
public enum ProofKind: Hashable, Sendable, CustomStringConvertible {
    /// HASH_I or HASH_R, which proves the key of one side in phase 1 (RFC 2409 section 5).
    case hashI, hashR
    /// `HASH(1)` and so on, by its place in the exchange (RFC 2409 sections 5.5 to 5.7); no RFC has more than four.
    case hash(UInt8)
    /// The HASH of an exchange that does not number its HASHes (Transaction exchange).
    case unnumberedHash
    /// SIG_I or SIG_R: a signature over HASH_I or HASH_R (RFC 2409 section 5.1).
    case signature(Role)
    /// The checksum of a message of IKEv2: whoever sent it has the keys of its SA (RFC 7296 section 3.14).
    case icv
    /// The AUTH payload of one side (RFC 7296 section 2.15).
    case authentication(Role)

    /// HASH_I or HASH_R.
    public static func hash(of sender: Role) -> ProofKind { sender == .initiator ? .hashI : .hashR }

    /// It proves a side of an IKEv2 SA.
    public var isAuthentication: Bool { if case .authentication = self { true } else { false } }

    /// The key of a certificate proves it, and no shared key.
    public var isSignature: Bool { if case .signature = self { true } else { false } }

    public var description: String {
        switch self {
        case .hashI: "HASH_I"
        case .hashR: "HASH_R"
        case .hash(1): "HASH(1)"
        case .hash(2): "HASH(2)"
        case .hash(3): "HASH(3)"
        case .hash(let number): "HASH(\(number))"
        case .unnumberedHash: "HASH"
        case .signature(.initiator): "SIG_I"
        case .signature(.responder): "SIG_R"
        case .icv: "ICV"
        case .authentication: "AUTH"
        }
    }
}
