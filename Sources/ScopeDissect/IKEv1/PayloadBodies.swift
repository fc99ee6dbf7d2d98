import ScopeWire

/// An identity (RFC 2407 section 4.6.2); NAT-OA (RFC 3947 section 5.2) has the same shape.
public struct IdentificationPayload: Sendable {
    public var type: IdentificationType
    /// 0 for any; in NAT-OA reserved.
    public var protocolID: UInt8
    public var port: UInt16
    /// Offsets of the identity itself.
    public var data: Range<Int>
    /// The identity decoded.
    public var identity: Identity

    public init(
        type: IdentificationType, protocolID: UInt8, port: UInt16, data: Range<Int>, identity: Identity
    ) {
        self.type = type
        self.protocolID = protocolID
        self.port = port
        self.data = data
        self.identity = identity
    }
}

/// What an identification payload says. Text comes from the peer: escape it where it is printed.
public enum Identity: Hashable, Sendable {
    case address(IPAddress)
    case subnet(IPAddress, mask: IPAddress)
    case range(IPAddress, IPAddress)
    case fqdn(String)
    case userFQDN(String)
    /// The subject as text, as IOS prints it.
    case distinguishedName(String)
    case keyID([UInt8])
    case other([UInt8])
}

public struct IdentificationType: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let ipv4 = IdentificationType(rawValue: 1)
    public static let fqdn = IdentificationType(rawValue: 2)
    public static let userFQDN = IdentificationType(rawValue: 3)
    public static let ipv4Subnet = IdentificationType(rawValue: 4)
    public static let ipv6 = IdentificationType(rawValue: 5)
    public static let ipv6Subnet = IdentificationType(rawValue: 6)
    public static let ipv4Range = IdentificationType(rawValue: 7)
    public static let ipv6Range = IdentificationType(rawValue: 8)
    public static let derDN = IdentificationType(rawValue: 9)
    public static let derGN = IdentificationType(rawValue: 10)
    public static let keyID = IdentificationType(rawValue: 11)

    public static let names: [IdentificationType: String] = [
        .ipv4: "ID_IPV4_ADDR", .fqdn: "ID_FQDN", .userFQDN: "ID_USER_FQDN", .ipv4Subnet: "ID_IPV4_ADDR_SUBNET",
        .ipv6: "ID_IPV6_ADDR", .ipv6Subnet: "ID_IPV6_ADDR_SUBNET", .ipv4Range: "ID_IPV4_ADDR_RANGE",
        .ipv6Range: "ID_IPV6_ADDR_RANGE", .derDN: "ID_DER_ASN1_DN", .derGN: "ID_DER_ASN1_GN", .keyID: "ID_KEY_ID",
        IdentificationType(rawValue: 12): "ID_LIST",
    ]
}

/// A certificate or certificate request (RFC 2408 sections 3.9 and 3.10).
public struct CertificatePayload: Sendable {
    /// 4 is an X.509 signature certificate.
    public var encoding: UInt8
    public var data: Range<Int>
    /// Request: the issuer's name as text; certificate: the subject's. Nil when the bytes do not decode.
    public var name: String?

    public init(encoding: UInt8, data: Range<Int>, name: String?) {
        self.encoding = encoding
        self.data = data
        self.name = name
    }
}

/// A notification (RFC 2408 section 3.14).
public struct NotificationPayload: Sendable {
    public var doi: UInt32
    public var protocolID: SecurityProtocol
    public var spi: [UInt8]
    public var type: NotifyType
    public var data: Range<Int>

    public init(doi: UInt32, protocolID: SecurityProtocol, spi: [UInt8], type: NotifyType, data: Range<Int>) {
        self.doi = doi
        self.protocolID = protocolID
        self.spi = spi
        self.type = type
        self.data = data
    }
}

/// A delete (RFC 2408 section 3.15).
public struct DeletePayload: Sendable {
    public var doi: UInt32
    public var protocolID: SecurityProtocol
    /// Each of the size that the payload names: 4 bytes for ESP and AH, 16 (both cookies) for ISAKMP.
    public var spis: [[UInt8]]

    public init(doi: UInt32, protocolID: SecurityProtocol, spis: [[UInt8]]) {
        self.doi = doi
        self.protocolID = protocolID
        self.spis = spis
    }
}

/// Mode Config attributes (draft-dukes-ike-mode-cfg section 3.2), also XAUTH and Unity.
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
}

/// A vendor's IKEv1 fragment (payload 132).
public struct FragmentPayload: Sendable {
    public var identifier: UInt16
    /// From 1.
    public var number: UInt8
    public var isLast: Bool
    public var data: Range<Int>

    public init(identifier: UInt16, number: UInt8, isLast: Bool, data: Range<Int>) {
        self.identifier = identifier
        self.number = number
        self.isLast = isLast
        self.data = data
    }
}
