import ScopeWire

/// A Security Association payload (RFC 2408 section 3.4, RFC 2407 section 4.6.1) with its proposals.
public struct SAPayload: Sendable {
    /// 0 ISAKMP, 1 IPSEC, 2 GDOI.
    public var doi: UInt32
    public var situation: UInt32
    public var proposals: [Proposal]

    public init(doi: UInt32, situation: UInt32, proposals: [Proposal]) {
        self.doi = doi
        self.situation = situation
        self.proposals = proposals
    }
}

/// A Proposal payload (RFC 2408 section 3.5).
public struct Proposal: Sendable {
    public var number: UInt8
    public var protocolID: SecurityProtocol
    /// 0, 4 (ESP, AH) or 8 or 16 bytes (ISAKMP cookies).
    public var spi: [UInt8]
    public var transforms: [Transform]

    public init(number: UInt8, protocolID: SecurityProtocol, spi: [UInt8], transforms: [Transform]) {
        self.number = number
        self.protocolID = protocolID
        self.spi = spi
        self.transforms = transforms
    }

    /// The SPI of an ESP, AH or IPComp proposal as a number; nil when it has not 1 to 4 bytes.
    public var spiNumber: UInt32? {
        (1...4).contains(spi.count) ? spi.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}

/// A Transform payload (RFC 2408 section 3.6): attributes in wire order.
public struct Transform: Sendable {
    public var number: UInt8
    /// What it means depends on the proposal's protocol: `TransformID` tables.
    public var id: UInt8
    public var attributes: [Attribute]

    public init(number: UInt8, id: UInt8, attributes: [Attribute]) {
        self.number = number
        self.id = id
        self.attributes = attributes
    }

    /// The value of the first attribute of `type`, when it fits 64 bits.
    public func value(_ type: UInt16) -> UInt64? { attributes.first { $0.type == type }?.number }
}

/// A data attribute (RFC 2408 section 3.3).
public struct Attribute: Hashable, Sendable {
    /// Without the format bit.
    public var type: UInt16
    /// True for the short form (type and 2-byte value), false for type, length and value.
    public var isShort: Bool
    public var value: [UInt8]

    public init(type: UInt16, isShort: Bool, value: [UInt8]) {
        self.type = type
        self.isShort = isShort
        self.value = value
    }

    /// The value as a number when it has 1 to 8 bytes.
    public var number: UInt64? {
        (1...8).contains(value.count) ? value.reduce(0) { $0 << 8 | UInt64($1) } : nil
    }
}

/// The protocol that a proposal, notification or delete speaks of (RFC 2407 section 4.4.1).
public struct SecurityProtocol: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let isakmp = SecurityProtocol(rawValue: 1)
    public static let ah = SecurityProtocol(rawValue: 2)
    public static let esp = SecurityProtocol(rawValue: 3)
    public static let ipComp = SecurityProtocol(rawValue: 4)

    public static let names: [SecurityProtocol: String] = [
        .isakmp: "ISAKMP", .ah: "AH", .esp: "ESP", .ipComp: "IPCOMP",
        SecurityProtocol(rawValue: 5): "GIGABEAM_RADIO",
    ]
}
