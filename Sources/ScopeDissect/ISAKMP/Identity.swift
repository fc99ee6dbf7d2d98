import ScopeWire

/// What an identification payload says.
///
/// Text comes from the peer: escape it where it is printed.
public enum Identity: Hashable, Sendable {
    case address(IPAddress)
    case subnet(IPAddress, mask: IPAddress)
    /// The first address and the last one, as they are written: a peer may have them the other way round.
    case range(IPAddress, IPAddress)
    case fqdn(String)
    case userFQDN(String)
    /// The subject as text, as IOS prints it.
    case distinguishedName(String)
    case keyID([UInt8])
    case other([UInt8])

    /// Decodes the data of an identity of `type`; what does not fit the type becomes `other`.
    public init(_ type: IdentificationType, _ data: [UInt8]) {
        switch type {
        case .ipv4, .ipv6:
            guard let address = IPAddress(bytes: data), address.isV6 == (type == .ipv6) else { break }
            self = .address(address)
            return
        case .ipv4Subnet, .ipv6Subnet, .ipv4Range, .ipv6Range:
            let half = data.count / 2
            guard data.count % 2 == 0, let first = IPAddress(bytes: data.prefix(half)),
                let second = IPAddress(bytes: data.suffix(half)),
                first.isV6 == (type == .ipv6Subnet || type == .ipv6Range)
            else { break }
            let isSubnet = type == .ipv4Subnet || type == .ipv6Subnet
            self = isSubnet ? .subnet(first, mask: second) : .range(first, second)
            return
        case .fqdn:
            self = .fqdn(String(decoding: data, as: UTF8.self))
            return
        case .userFQDN:
            self = .userFQDN(String(decoding: data, as: UTF8.self))
            return
        case .derDN:
            guard let name = DistinguishedName.text(data) else { break }
            self = .distinguishedName(name)
            return
        case .keyID:
            self = .keyID(data)
            return
        default: break
        }
        self = .other(data)
    }

    /// A range whose first address is above its last: it holds no address.
    public var isReversed: Bool {
        if case .range(let first, let last) = self { last < first } else { false }
    }
}

/// How an identity is written (RFC 2407 section 4.6.2.1).
public struct IdentificationType: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var ipv4: IdentificationType { IdentificationType(rawValue: 1) }
    @inlinable public static var fqdn: IdentificationType { IdentificationType(rawValue: 2) }
    @inlinable public static var userFQDN: IdentificationType { IdentificationType(rawValue: 3) }
    @inlinable public static var ipv4Subnet: IdentificationType { IdentificationType(rawValue: 4) }
    @inlinable public static var ipv6: IdentificationType { IdentificationType(rawValue: 5) }
    @inlinable public static var ipv6Subnet: IdentificationType { IdentificationType(rawValue: 6) }
    @inlinable public static var ipv4Range: IdentificationType { IdentificationType(rawValue: 7) }
    @inlinable public static var ipv6Range: IdentificationType { IdentificationType(rawValue: 8) }
    @inlinable public static var derDN: IdentificationType { IdentificationType(rawValue: 9) }
    @inlinable public static var derGN: IdentificationType { IdentificationType(rawValue: 10) }
    @inlinable public static var keyID: IdentificationType { IdentificationType(rawValue: 11) }

    /// True for addresses, subnets, ranges and names in DER, whose bytes may not fit the type.
    var hasFixedForm: Bool { rawValue == 1 || (4...9).contains(rawValue) }

    public static let names: [IdentificationType: String] = [
        .ipv4: "ID_IPV4_ADDR", .fqdn: "ID_FQDN", .userFQDN: "ID_USER_FQDN", .ipv4Subnet: "ID_IPV4_ADDR_SUBNET",
        .ipv6: "ID_IPV6_ADDR", .ipv6Subnet: "ID_IPV6_ADDR_SUBNET", .ipv4Range: "ID_IPV4_ADDR_RANGE",
        .ipv6Range: "ID_IPV6_ADDR_RANGE", .derDN: "ID_DER_ASN1_DN", .derGN: "ID_DER_ASN1_GN", .keyID: "ID_KEY_ID",
        IdentificationType(rawValue: 12): "ID_LIST",
    ]
}
