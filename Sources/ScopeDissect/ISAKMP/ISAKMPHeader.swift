import ScopeWire

/// The 28 bytes before every IKE message (RFC 2408 section 3.1, RFC 7296 section 3.1).
///
///     |                       Initiator SPI (cookie)                  |  8
///     |                       Responder SPI (cookie)                  |  8
///     |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |  4
///     |                          Message ID                           |  4
///     |                            Length                             |  4
public struct ISAKMPHeader: Hashable, Sendable {
    public static let length = 28

    public var initiatorSPI: UInt64
    public var responderSPI: UInt64
    public var nextPayload: PayloadType
    /// High nibble major, low nibble minor: 0x10 is IKEv1, 0x20 IKEv2.
    public var version: UInt8
    public var exchange: ExchangeType
    public var flags: ISAKMPFlags
    public var messageID: UInt32
    /// Of the whole message, header included, as the sender says.
    public var length: UInt32

    public var majorVersion: UInt8 { version >> 4 }
    public var minorVersion: UInt8 { version & 15 }

    public init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        initiatorSPI = try reader.u64(bytes, "initiator SPI")
        responderSPI = try reader.u64(bytes, "responder SPI")
        nextPayload = try reader.code(bytes, "next payload")
        version = try reader.u8(bytes, "version")
        exchange = try reader.code(bytes, "exchange type")
        flags = ISAKMPFlags(rawValue: try reader.u8(bytes, "flags"))
        messageID = try reader.u32(bytes, "message ID")
        length = try reader.u32(bytes, "length")
    }
}

/// The flags byte; IKEv1 and IKEv2 use different bits of it.
public struct ISAKMPFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// IKEv1 (RFC 2408 section 3.1).
    @inlinable public static var encryption: ISAKMPFlags { ISAKMPFlags(rawValue: 0x01) }
    @inlinable public static var commit: ISAKMPFlags { ISAKMPFlags(rawValue: 0x02) }
    @inlinable public static var authenticationOnly: ISAKMPFlags { ISAKMPFlags(rawValue: 0x04) }
    /// IKEv2 (RFC 7296 section 3.1): sent by the original initiator, higher version possible, a response.
    @inlinable public static var initiator: ISAKMPFlags { ISAKMPFlags(rawValue: 0x08) }
    @inlinable public static var version: ISAKMPFlags { ISAKMPFlags(rawValue: 0x10) }
    @inlinable public static var response: ISAKMPFlags { ISAKMPFlags(rawValue: 0x20) }
}

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

    public static let names: [ExchangeType: String] = [
        ExchangeType(rawValue: 0): "none",
        .base: "base", .identityProtection: "identity-protection", .authenticationOnly: "authentication-only",
        .aggressive: "aggressive", .informational: "informational", .transaction: "transaction",
        .quickMode: "quick-mode", .newGroupMode: "new-group-mode",
        .ikeSAInit: "IKE_SA_INIT", .ikeAuth: "IKE_AUTH", .createChildSA: "CREATE_CHILD_SA",
        .informationalV2: "INFORMATIONAL",
        ExchangeType(rawValue: 38): "IKE_SESSION_RESUME", ExchangeType(rawValue: 39): "GSA_AUTH",
        ExchangeType(rawValue: 40): "GSA_REGISTRATION", ExchangeType(rawValue: 41): "GSA_REKEY",
        ExchangeType(rawValue: 42): "GSA_INBAND_REKEY", ExchangeType(rawValue: 43): "IKE_INTERMEDIATE",
        ExchangeType(rawValue: 44): "IKE_FOLLOWUP_KE", ExchangeType(rawValue: 243): "AuthIP main",
        ExchangeType(rawValue: 244): "AuthIP quick", ExchangeType(rawValue: 245): "AuthIP extended",
        ExchangeType(rawValue: 246): "AuthIP notify",
    ]
}
