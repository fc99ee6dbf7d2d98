import ScopeWire

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
