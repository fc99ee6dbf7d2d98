import ScopeDissect

/// What an IKE SA agreed on, or one choice of what was offered for it.
public struct IKESuite: Hashable, Sendable {
    public var cipher: Cipher?
    /// Bits of the cipher's key, where they were named.
    public var keyLength: UInt16?
    public var prf: PRF?
    public var integrity: Integrity?
    public var group: DHGroup?
    /// The key exchanges behind the first one, in order (RFC 9370); of IKEv2 alone.
    public var additionalGroups: [DHGroup] = []
    /// How the sides prove themselves: IKEv1 agrees on it, IKEv2 does not.
    public var authentication: AuthenticationMethod?
    /// In IKEv1 alone.
    public var lifetime = Lifetime()

    public init() {}

    /// The hash behind the PRF: in IKEv1 that of the HASH payloads and of NAT detection, too.
    public var hash: Hash? { if case .hmac(let hash)? = prf { hash } else { nil } }
}

/// What an SA agreed on beside its SPI, or one choice of what was offered for it.
public struct ChildSuite: Hashable, Sendable {
    public var protocolID: SecurityProtocol
    /// Of ESP.
    public var cipher: Cipher?
    /// Bits of the cipher's key, where they were named; the salt is not counted.
    public var keyLength: UInt16?
    public var integrity: Integrity?
    /// What the transform identifier of AH names: IKEv1 says its algorithm twice (RFC 2407 section 4.4.3).
    public var transformOfAH: Integrity?
    /// Of IPComp.
    public var compression: IPCompTransform?
    /// Its sequence numbers have 64 bits.
    public var hasESN = false
    public var encapsulation: Encapsulation?
    /// Of perfect forward secrecy; nil without.
    public var group: DHGroup?
    /// The key exchanges behind the first one, in order (RFC 9370); of IKEv2 alone.
    public var additionalGroups: [DHGroup] = []
    /// In IKEv1 alone.
    public var lifetime = Lifetime()

    public init(_ protocolID: SecurityProtocol) { self.protocolID = protocolID }
}

/// What an offer chooses of, and what two of them can differ in: in the order in which it is told.
public enum SuiteKind: CaseIterable, Hashable, Sendable {
    /// Of ESP and AH, the transform.
    case cipher
    case keyLength
    /// Of IKE.
    case hash
    case integrity
    case encapsulation
    case group
    case authentication
    case lifetime

    /// Whether it decides: a lifetime does not.
    public var decides: Bool { self != .lifetime }
    /// The field's own word.
    public var name: StaticString {
        switch self {
        case .cipher: "encryption"
        case .keyLength: "key length"
        case .hash: "hash"
        case .integrity: "integrity"
        case .encapsulation: "mode"
        case .group: "group"
        case .authentication: "authentication"
        case .lifetime: "lifetime"
        }
    }
}

extension IKESuite {
    /// In what they differ; of another cipher the key length says nothing.
    ///
    /// A lifetime does not decide, and is no difference.
    public func differences(from other: IKESuite) -> [SuiteKind] {
        var kinds: [SuiteKind] = []
        if cipher != other.cipher {
            kinds.append(.cipher)
        } else if keyLength != other.keyLength {
            kinds.append(.keyLength)
        }
        if prf != other.prf || integrity != other.integrity { kinds.append(.hash) }
        if group != other.group { kinds.append(.group) }
        if authentication != other.authentication { kinds.append(.authentication) }
        return kinds
    }
}

extension ChildSuite {
    /// In what they differ; of another cipher the key length says nothing.
    ///
    /// A lifetime does not decide, and is no difference.
    public func differences(from other: ChildSuite) -> [SuiteKind] {
        var kinds: [SuiteKind] = []
        if protocolID != other.protocolID || cipher != other.cipher || transformOfAH != other.transformOfAH
            || compression != other.compression
        {
            kinds.append(.cipher)
        } else if keyLength != other.keyLength {
            kinds.append(.keyLength)
        }
        if integrity != other.integrity { kinds.append(.integrity) }
        if encapsulation != other.encapsulation { kinds.append(.encapsulation) }
        if group != other.group { kinds.append(.group) }
        return kinds
    }
}
