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

    /// `1.0`, `2.0`.
    public var versionText: String { "\(majorVersion).\(minorVersion)" }
    /// `v1`, `v2`, as it stands behind IKE.
    public var shortVersion: String { "v\(majorVersion)" }

    /// Whether the message is a response; nil in IKEv1, whose header does not say.
    public var isResponse: Bool? { majorVersion == 2 ? flags.contains(.response) : nil }

    /// The message ID that names an exchange of IKEv1; nil in phase 1, which has none, and in IKEv2, where it counts.
    public var exchangeID: UInt32? { majorVersion == 1 && messageID != 0 ? messageID : nil }

    /// The flags that are set: those that the version defines by name, and the bits that it does not define.
    public var flagNames: (defined: [String], others: UInt8) {
        let defined: [(flag: ISAKMPFlags, name: String)] =
            majorVersion == 2
            ? [(.initiator, "initiator"), (.version, "version"), (.response, "response")]
            : [(.encryption, "encryption"), (.commit, "commit"), (.authenticationOnly, "authentication-only")]
        let others = flags.subtracting(defined.reduce(into: []) { $0.formUnion($1.flag) })
        return (defined.filter { flags.contains($0.flag) }.map(\.name), others.rawValue)
    }

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
