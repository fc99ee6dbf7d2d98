import ScopeWire

/// The protocol that a proposal, notification or delete speaks of (RFC 2407 section 4.4.1).
public struct SecurityProtocol: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var isakmp: SecurityProtocol { SecurityProtocol(rawValue: 1) }
    @inlinable public static var ah: SecurityProtocol { SecurityProtocol(rawValue: 2) }
    @inlinable public static var esp: SecurityProtocol { SecurityProtocol(rawValue: 3) }
    @inlinable public static var ipComp: SecurityProtocol { SecurityProtocol(rawValue: 4) }

    public static let names: [SecurityProtocol: String] = [
        .isakmp: "ISAKMP", .ah: "AH", .esp: "ESP", .ipComp: "IPCOMP",
        SecurityProtocol(rawValue: 5): "GIGABEAM_RADIO",
    ]
}
