import ScopeWire

/// Attributes of an ESP, AH or IPComp transform (RFC 2407 section 4.5 and IANA's registry of the IPsec DOI).
public struct Phase2Attribute: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var lifeType: Phase2Attribute { Phase2Attribute(rawValue: 1) }
    @inlinable public static var lifeDuration: Phase2Attribute { Phase2Attribute(rawValue: 2) }
    @inlinable public static var groupDescription: Phase2Attribute { Phase2Attribute(rawValue: 3) }
    @inlinable public static var encapsulationMode: Phase2Attribute { Phase2Attribute(rawValue: 4) }
    @inlinable public static var authenticationAlgorithm: Phase2Attribute { Phase2Attribute(rawValue: 5) }
    @inlinable public static var keyLength: Phase2Attribute { Phase2Attribute(rawValue: 6) }
    @inlinable public static var ecnTunnel: Phase2Attribute { Phase2Attribute(rawValue: 10) }
    @inlinable public static var extendedSequenceNumber: Phase2Attribute { Phase2Attribute(rawValue: 11) }
    @inlinable public static var signatureEncoding: Phase2Attribute { Phase2Attribute(rawValue: 13) }
    @inlinable public static var addressPreservation: Phase2Attribute { Phase2Attribute(rawValue: 14) }
    @inlinable public static var direction: Phase2Attribute { Phase2Attribute(rawValue: 15) }

    public static let names: [Phase2Attribute: String] = [
        .lifeType: "SA-Life-Type", .lifeDuration: "SA-Life-Duration", .groupDescription: "Group-Description",
        .encapsulationMode: "Encapsulation-Mode", .authenticationAlgorithm: "Authentication-Algorithm",
        .keyLength: "Key-Length", Phase2Attribute(rawValue: 7): "Key-Rounds",
        Phase2Attribute(rawValue: 8): "Compress-Dictionary-Size",
        Phase2Attribute(rawValue: 9): "Compress-Private-Algorithm", .ecnTunnel: "ECN-Tunnel",
        .extendedSequenceNumber: "Extended-Sequence-Number",
        Phase2Attribute(rawValue: 12): "Authentication-Key-Length",
        .signatureEncoding: "Signature-Encoding-Algorithm", .addressPreservation: "Address-Preservation",
        .direction: "SA-Direction", Phase2Attribute(rawValue: 32001): "Security-Context",
    ]

    func meaning(_ number: UInt64?) -> FieldValue {
        guard let number else { return .bytes }
        guard let code = UInt16(exactly: number) else { return .number(number) }
        switch self {
        case .lifeType: return .code(number, LifeType(rawValue: code).name)
        case .groupDescription: return .code(number, DHGroup(rawValue: code).name)
        case .encapsulationMode: return .code(number, EncapsulationMode(rawValue: code).name)
        case .authenticationAlgorithm: return .code(number, AuthenticationAlgorithm(rawValue: code).name)
        case .ecnTunnel: return .code(number, Self.word(code, ["Allowed", "Forbidden"]))
        case .extendedSequenceNumber: return .code(number, Self.word(code, ["64-bit sequence number"]))
        case .signatureEncoding: return .code(number, Self.word(code, ["RSASSA-PKCS1-v1_5", "RSASSA-PSS"]))
        case .addressPreservation:
            return .code(
                number, Self.word(code, ["None", "Source-Only", "Destination-Only", "Source-and-Destination"]))
        case .direction: return .code(number, Self.word(code, ["Sender-Only", "Receiver-Only", "Symmetric"]))
        default: return .number(number)
        }
    }

    /// The word for a value that counts from 1.
    private static func word(_ code: UInt16, _ words: [String]) -> String? {
        words.indices.contains(Int(code) - 1) ? words[Int(code) - 1] : nil
    }
}

/// Values of Encapsulation-Mode (RFC 2407 section 4.5, RFC 3947 section 5.1 and its drafts).
public struct EncapsulationMode: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var tunnel: EncapsulationMode { EncapsulationMode(rawValue: 1) }
    @inlinable public static var transport: EncapsulationMode { EncapsulationMode(rawValue: 2) }
    @inlinable public static var udpTunnel: EncapsulationMode { EncapsulationMode(rawValue: 3) }
    @inlinable public static var udpTransport: EncapsulationMode { EncapsulationMode(rawValue: 4) }
    @inlinable public static var udpTunnelDraft: EncapsulationMode { EncapsulationMode(rawValue: 61443) }
    @inlinable public static var udpTransportDraft: EncapsulationMode { EncapsulationMode(rawValue: 61444) }

    public static let names: [EncapsulationMode: String] = [
        .tunnel: "Tunnel", .transport: "Transport", .udpTunnel: "UDP-Encapsulated-Tunnel",
        .udpTransport: "UDP-Encapsulated-Transport", EncapsulationMode(rawValue: 61440): "Check Point UDP",
        .udpTunnelDraft: "UDP-Encapsulated-Tunnel (draft)",
        .udpTransportDraft: "UDP-Encapsulated-Transport (draft)",
    ]
}

/// Values of phase 2's Authentication-Algorithm (RFC 2407, RFC 4868, RFC 2857, RFC 3566, RFC 4359, RFC 4543).
public struct AuthenticationAlgorithm: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var hmacMD5: AuthenticationAlgorithm { AuthenticationAlgorithm(rawValue: 1) }
    @inlinable public static var hmacSHA: AuthenticationAlgorithm { AuthenticationAlgorithm(rawValue: 2) }
    @inlinable public static var hmacSHA256: AuthenticationAlgorithm { AuthenticationAlgorithm(rawValue: 5) }
    @inlinable public static var hmacSHA384: AuthenticationAlgorithm { AuthenticationAlgorithm(rawValue: 6) }
    @inlinable public static var hmacSHA512: AuthenticationAlgorithm { AuthenticationAlgorithm(rawValue: 7) }
    @inlinable public static var aesXCBC: AuthenticationAlgorithm { AuthenticationAlgorithm(rawValue: 9) }

    public static let names: [AuthenticationAlgorithm: String] = [
        .hmacMD5: "HMAC-MD5", .hmacSHA: "HMAC-SHA", AuthenticationAlgorithm(rawValue: 3): "DES-MAC",
        AuthenticationAlgorithm(rawValue: 4): "KPDK", .hmacSHA256: "HMAC-SHA2-256", .hmacSHA384: "HMAC-SHA2-384",
        .hmacSHA512: "HMAC-SHA2-512", AuthenticationAlgorithm(rawValue: 8): "HMAC-RIPEMD",
        .aesXCBC: "AES-XCBC-MAC", AuthenticationAlgorithm(rawValue: 10): "SIG-RSA",
        AuthenticationAlgorithm(rawValue: 11): "AES-128-GMAC", AuthenticationAlgorithm(rawValue: 12): "AES-192-GMAC",
        AuthenticationAlgorithm(rawValue: 13): "AES-256-GMAC",
    ]
}
