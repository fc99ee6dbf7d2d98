import ScopeWire

/// Attributes of an ISAKMP transform (RFC 2409 appendix A, IANA "IKE Attributes").
public struct Phase1Attribute: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var encryptionAlgorithm: Phase1Attribute { Phase1Attribute(rawValue: 1) }
    @inlinable public static var hashAlgorithm: Phase1Attribute { Phase1Attribute(rawValue: 2) }
    @inlinable public static var authenticationMethod: Phase1Attribute { Phase1Attribute(rawValue: 3) }
    @inlinable public static var groupDescription: Phase1Attribute { Phase1Attribute(rawValue: 4) }
    @inlinable public static var groupType: Phase1Attribute { Phase1Attribute(rawValue: 5) }
    @inlinable public static var groupPrime: Phase1Attribute { Phase1Attribute(rawValue: 6) }
    @inlinable public static var lifeType: Phase1Attribute { Phase1Attribute(rawValue: 11) }
    @inlinable public static var lifeDuration: Phase1Attribute { Phase1Attribute(rawValue: 12) }
    @inlinable public static var keyLength: Phase1Attribute { Phase1Attribute(rawValue: 14) }

    public static let names: [Phase1Attribute: String] = [
        .encryptionAlgorithm: "Encryption-Algorithm", .hashAlgorithm: "Hash-Algorithm",
        .authenticationMethod: "Authentication-Method", .groupDescription: "Group-Description",
        .groupType: "Group-Type", .groupPrime: "Group-Prime",
        Phase1Attribute(rawValue: 7): "Group-Generator-One", Phase1Attribute(rawValue: 8): "Group-Generator-Two",
        Phase1Attribute(rawValue: 9): "Group-Curve-A", Phase1Attribute(rawValue: 10): "Group-Curve-B",
        .lifeType: "Life-Type", .lifeDuration: "Life-Duration", Phase1Attribute(rawValue: 13): "PRF",
        .keyLength: "Key-Length", Phase1Attribute(rawValue: 15): "Field-Size",
        Phase1Attribute(rawValue: 16): "Group-Order", Phase1Attribute(rawValue: 17): "Block-Size",
        Phase1Attribute(rawValue: 20): "Asymmetric-Algorithm-Type",
        Phase1Attribute(rawValue: 16384): "GSS-Identity-Name", Phase1Attribute(rawValue: 32001): "GSS-Identity-Name",
    ]

    func meaning(_ number: UInt64?) -> FieldValue {
        guard let number else { return .bytes }
        guard let code = UInt16(exactly: number) else { return .number(number) }
        switch self {
        case .encryptionAlgorithm: return .code(number, EncryptionAlgorithm(rawValue: code).name)
        case .hashAlgorithm: return .code(number, HashAlgorithm(rawValue: code).name)
        case .authenticationMethod: return .code(number, AuthenticationMethodCode(rawValue: code).name)
        case .groupDescription: return .code(number, DHGroup(rawValue: code).name)
        case .groupType: return .code(number, GroupType(rawValue: code).name)
        case .lifeType: return .code(number, LifeType(rawValue: code).name)
        default: return .number(number)
        }
    }
}

/// Values of phase 1's Encryption-Algorithm (RFC 2409, RFC 3602, RFC 4312; GM/T 0022).
public struct EncryptionAlgorithm: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var desCBC: EncryptionAlgorithm { EncryptionAlgorithm(rawValue: 1) }
    @inlinable public static var blowfishCBC: EncryptionAlgorithm { EncryptionAlgorithm(rawValue: 3) }
    @inlinable public static var tripleDESCBC: EncryptionAlgorithm { EncryptionAlgorithm(rawValue: 5) }
    @inlinable public static var castCBC: EncryptionAlgorithm { EncryptionAlgorithm(rawValue: 6) }
    @inlinable public static var aesCBC: EncryptionAlgorithm { EncryptionAlgorithm(rawValue: 7) }
    @inlinable public static var camelliaCBC: EncryptionAlgorithm { EncryptionAlgorithm(rawValue: 8) }

    public static let names: [EncryptionAlgorithm: String] = [
        .desCBC: "DES-CBC", EncryptionAlgorithm(rawValue: 2): "IDEA-CBC", .blowfishCBC: "BLOWFISH-CBC",
        EncryptionAlgorithm(rawValue: 4): "RC5-R16-B64-CBC", .tripleDESCBC: "3DES-CBC", .castCBC: "CAST-CBC",
        .aesCBC: "AES-CBC", .camelliaCBC: "CAMELLIA-CBC", EncryptionAlgorithm(rawValue: 127): "SM4-CBC (old)",
        EncryptionAlgorithm(rawValue: 128): "SM1-CBC", EncryptionAlgorithm(rawValue: 129): "SM4-CBC",
        EncryptionAlgorithm(rawValue: 65004): "SERPENT-CBC", EncryptionAlgorithm(rawValue: 65005): "TWOFISH-CBC",
    ]
}

/// Values of phase 1's Hash-Algorithm (RFC 2409, RFC 4868; GM/T 0022).
public struct HashAlgorithm: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var md5: HashAlgorithm { HashAlgorithm(rawValue: 1) }
    @inlinable public static var sha: HashAlgorithm { HashAlgorithm(rawValue: 2) }
    @inlinable public static var sha256: HashAlgorithm { HashAlgorithm(rawValue: 4) }
    @inlinable public static var sha384: HashAlgorithm { HashAlgorithm(rawValue: 5) }
    @inlinable public static var sha512: HashAlgorithm { HashAlgorithm(rawValue: 6) }

    public static let names: [HashAlgorithm: String] = [
        .md5: "MD5", .sha: "SHA", HashAlgorithm(rawValue: 3): "TIGER", .sha256: "SHA2-256", .sha384: "SHA2-384",
        .sha512: "SHA2-512", HashAlgorithm(rawValue: 20): "SM3",
    ]
}

/// Values of phase 1's Authentication-Method (RFC 2409, RFC 4754; XAUTH and hybrid drafts).
public struct AuthenticationMethodCode: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var preSharedKey: AuthenticationMethodCode { AuthenticationMethodCode(rawValue: 1) }
    @inlinable public static var dssSignatures: AuthenticationMethodCode { AuthenticationMethodCode(rawValue: 2) }
    @inlinable public static var rsaSignatures: AuthenticationMethodCode { AuthenticationMethodCode(rawValue: 3) }

    public static let names: [AuthenticationMethodCode: String] = [
        .preSharedKey: "pre-shared key", .dssSignatures: "DSS signatures", .rsaSignatures: "RSA signatures",
        AuthenticationMethodCode(rawValue: 4): "RSA encryption",
        AuthenticationMethodCode(rawValue: 5): "revised RSA encryption",
        AuthenticationMethodCode(rawValue: 6): "El Gamal encryption (reserved)",
        AuthenticationMethodCode(rawValue: 7): "revised El Gamal encryption (reserved)",
        AuthenticationMethodCode(rawValue: 8): "ECDSA signatures (reserved)",
        AuthenticationMethodCode(rawValue: 9): "ECDSA P-256 with SHA-256",
        AuthenticationMethodCode(rawValue: 10): "ECDSA P-384 with SHA-384",
        AuthenticationMethodCode(rawValue: 11): "ECDSA P-521 with SHA-512",
        AuthenticationMethodCode(rawValue: 64221): "HybridInitRSA",
        AuthenticationMethodCode(rawValue: 64222): "HybridRespRSA",
        AuthenticationMethodCode(rawValue: 64223): "HybridInitDSS",
        AuthenticationMethodCode(rawValue: 64224): "HybridRespDSS",
        AuthenticationMethodCode(rawValue: 65001): "XAUTHInitPreShared",
        AuthenticationMethodCode(rawValue: 65002): "XAUTHRespPreShared",
        AuthenticationMethodCode(rawValue: 65003): "XAUTHInitDSS",
        AuthenticationMethodCode(rawValue: 65004): "XAUTHRespDSS",
        AuthenticationMethodCode(rawValue: 65005): "XAUTHInitRSA",
        AuthenticationMethodCode(rawValue: 65006): "XAUTHRespRSA",
        AuthenticationMethodCode(rawValue: 65007): "XAUTHInitRSAEncryption",
        AuthenticationMethodCode(rawValue: 65008): "XAUTHRespRSAEncryption",
        AuthenticationMethodCode(rawValue: 65009): "XAUTHInitRSARevisedEncryption",
        AuthenticationMethodCode(rawValue: 65010): "XAUTHRespRSARevisedEncryption",
    ]
}

/// Values of phase 1's Group-Type (RFC 2409 appendix A).
public struct GroupType: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let names: [GroupType: String] = [
        GroupType(rawValue: 1): "MODP", GroupType(rawValue: 2): "ECP", GroupType(rawValue: 3): "EC2N",
    ]
}

/// Values of Life-Type and SA-Life-Type.
public struct LifeType: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var seconds: LifeType { LifeType(rawValue: 1) }
    @inlinable public static var kilobytes: LifeType { LifeType(rawValue: 2) }

    public static let names: [LifeType: String] = [.seconds: "seconds", .kilobytes: "kilobytes"]
}
