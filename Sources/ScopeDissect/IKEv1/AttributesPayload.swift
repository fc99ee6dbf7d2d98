import ScopeWire

/// Mode Config attributes (draft-dukes-ike-mode-cfg section 3.2), also XAUTH and Unity.
///
///     |     Type      |   RESERVED    |           Identifier          |  4
///     ~                          Attributes                           ~
public struct AttributesPayload: Sendable {
    /// 1 request, 2 reply, 3 set, 4 acknowledge.
    public var type: UInt8
    public var identifier: UInt16
    public var attributes: [Attribute]

    public init(type: UInt8, identifier: UInt16, attributes: [Attribute]) {
        self.type = type
        self.identifier = identifier
        self.attributes = attributes
    }

    /// Whether any of the attributes belongs to XAUTH (draft-beaulieu-ike-xauth section 4).
    public var isXAUTH: Bool { attributes.contains { (16520...16529).contains($0.type) } }

    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        type = try reader.code(bytes, "type", as: ConfigurationType.self).rawValue
        _ = try reader.u8(bytes, "reserved")
        identifier = try reader.u16(bytes, "identifier")
        attributes = Attribute.list(reading: &reader, bytes, in: .modeConfig, problem: &problem)
    }
}

/// The type of a Mode Config message.
public struct ConfigurationType: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var request: ConfigurationType { ConfigurationType(rawValue: 1) }
    @inlinable public static var reply: ConfigurationType { ConfigurationType(rawValue: 2) }
    @inlinable public static var set: ConfigurationType { ConfigurationType(rawValue: 3) }
    @inlinable public static var acknowledge: ConfigurationType { ConfigurationType(rawValue: 4) }

    public static let names: [ConfigurationType: String] = [
        .request: "ISAKMP_CFG_REQUEST", .reply: "ISAKMP_CFG_REPLY", .set: "ISAKMP_CFG_SET",
        .acknowledge: "ISAKMP_CFG_ACK",
    ]
}
