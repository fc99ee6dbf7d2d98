/// A hash function: of IKEv1's phase 1, of NAT detection, or under a signature.
public enum Hash: Hashable, Sendable {
    case md5, sha1, tiger, sha256, sha384, sha512, sm3
    /// The signature brings its own (RFC 8420).
    case identity
    /// A number that the registry it was read from does not know.
    case other(UInt16)
}

extension Hash {
    /// Bytes of a digest; nil where it is not known.
    public var digestLength: Int? {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .tiger: 24
        case .sha256, .sm3: 32
        case .sha384: 48
        case .sha512: 64
        case .identity, .other: nil
        }
    }
}

extension Hash: Registered {
    var unknownNumber: UInt16? { if case .other(let number) = self { number } else { nil } }

    /// By the Hash-Algorithm attribute of IKEv1's phase 1 (RFC 2409 appendix A and IANA's registry).
    public init(ikev1 number: UInt16) { self.init(number, in: Self.ikev1) }
    public var ikev1: UInt16? { number(in: Self.ikev1) }

    /// By IKEv2's hash algorithms for signatures (RFC 7427 section 4).
    public init(ikev2 number: UInt16) { self.init(number, in: Self.ikev2) }
    public var ikev2: UInt16? { number(in: Self.ikev2) }

    static let ikev1: Numbering<Hash> = [
        1: .md5, 2: .sha1, 3: .tiger, 4: .sha256, 5: .sha384, 6: .sha512, 20: .sm3,
    ]

    static let ikev2: Numbering<Hash> = [1: .sha1, 2: .sha256, 3: .sha384, 4: .sha512, 5: .identity]
}

/// What keys are derived with.
///
/// IKEv1 has no other than the HMAC of its hash.
public enum PRF: Hashable, Sendable {
    case hmac(Hash)
    case aesXCBC, aesCMAC
    /// A number that the registry it was read from does not know.
    case other(UInt16)
}

extension PRF: Registered {
    var unknownNumber: UInt16? { if case .other(let number) = self { number } else { nil } }

    /// By IKEv2's transform type 2 (RFC 7296 section 3.3.2 and IANA's registry).
    public init(ikev2 number: UInt16) { self.init(number, in: Self.ikev2) }
    public var ikev2: UInt16? { number(in: Self.ikev2) }

    static let ikev2: Numbering<PRF> = [
        1: .hmac(.md5), 2: .hmac(.sha1), 3: .hmac(.tiger), 4: .aesXCBC, 5: .hmac(.sha256), 6: .hmac(.sha384),
        7: .hmac(.sha512), 8: .aesCMAC,
    ]
}
