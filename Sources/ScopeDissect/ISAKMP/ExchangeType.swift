import ScopeWire

/// Exchange types (RFC 2408 section 3.1, RFC 2409, RFC 7296 section 3.1 and the IANA registries).
public struct ExchangeType: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var base: ExchangeType { ExchangeType(rawValue: 1) }
    @inlinable public static var identityProtection: ExchangeType { ExchangeType(rawValue: 2) }
    @inlinable public static var authenticationOnly: ExchangeType { ExchangeType(rawValue: 3) }
    @inlinable public static var aggressive: ExchangeType { ExchangeType(rawValue: 4) }
    @inlinable public static var informational: ExchangeType { ExchangeType(rawValue: 5) }
    @inlinable public static var transaction: ExchangeType { ExchangeType(rawValue: 6) }
    @inlinable public static var quickMode: ExchangeType { ExchangeType(rawValue: 32) }
    @inlinable public static var newGroupMode: ExchangeType { ExchangeType(rawValue: 33) }
    @inlinable public static var ikeSAInit: ExchangeType { ExchangeType(rawValue: 34) }
    @inlinable public static var ikeAuth: ExchangeType { ExchangeType(rawValue: 35) }
    @inlinable public static var createChildSA: ExchangeType { ExchangeType(rawValue: 36) }
    @inlinable public static var informationalV2: ExchangeType { ExchangeType(rawValue: 37) }
    @inlinable public static var ikeSessionResume: ExchangeType { ExchangeType(rawValue: 38) }
    @inlinable public static var ikeIntermediate: ExchangeType { ExchangeType(rawValue: 43) }
    @inlinable public static var ikeFollowupKE: ExchangeType { ExchangeType(rawValue: 44) }

    public static let names: [ExchangeType: String] = [
        ExchangeType(rawValue: 0): "none",
        .base: "base", .identityProtection: "identity-protection", .authenticationOnly: "authentication-only",
        .aggressive: "aggressive", .informational: "informational", .transaction: "transaction",
        .quickMode: "quick-mode", .newGroupMode: "new-group-mode",
        .ikeSAInit: "IKE_SA_INIT", .ikeAuth: "IKE_AUTH", .createChildSA: "CREATE_CHILD_SA",
        .informationalV2: "INFORMATIONAL",
        .ikeSessionResume: "IKE_SESSION_RESUME", ExchangeType(rawValue: 39): "GSA_AUTH",
        ExchangeType(rawValue: 40): "GSA_REGISTRATION", ExchangeType(rawValue: 41): "GSA_REKEY",
        ExchangeType(rawValue: 42): "GSA_INBAND_REKEY", .ikeIntermediate: "IKE_INTERMEDIATE",
        .ikeFollowupKE: "IKE_FOLLOWUP_KE", ExchangeType(rawValue: 240): "ME_CONNECT",
        ExchangeType(rawValue: 243): "AuthIP main",
        ExchangeType(rawValue: 244): "AuthIP quick", ExchangeType(rawValue: 245): "AuthIP extended",
        ExchangeType(rawValue: 246): "AuthIP notify",
    ]
}
