import ScopeWire

extension IKEv2 {
    /// Attributes of configuration payloads (RFC 7296 section 3.15.1 and the IANA registry); private ones are
    /// Microsoft's and Cisco Unity's.
    public struct ConfigurationAttribute: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var ip4Address: Self { Self(rawValue: 1) }
        @inlinable public static var ip4Netmask: Self { Self(rawValue: 2) }
        @inlinable public static var ip4DNS: Self { Self(rawValue: 3) }
        @inlinable public static var ip4NBNS: Self { Self(rawValue: 4) }
        @inlinable public static var ip4DHCP: Self { Self(rawValue: 6) }
        @inlinable public static var applicationVersion: Self { Self(rawValue: 7) }
        @inlinable public static var ip6Address: Self { Self(rawValue: 8) }
        @inlinable public static var ip6DNS: Self { Self(rawValue: 10) }
        @inlinable public static var ip6DHCP: Self { Self(rawValue: 12) }
        @inlinable public static var ip4Subnet: Self { Self(rawValue: 13) }
        @inlinable public static var supportedAttributes: Self { Self(rawValue: 14) }
        @inlinable public static var ip6Subnet: Self { Self(rawValue: 15) }
        @inlinable public static var mip6HomePrefix: Self { Self(rawValue: 16) }
        @inlinable public static var ip6Link: Self { Self(rawValue: 17) }
        @inlinable public static var ip6Prefix: Self { Self(rawValue: 18) }
        @inlinable public static var homeAgentAddress: Self { Self(rawValue: 19) }
        @inlinable public static var pCSCFIP4Address: Self { Self(rawValue: 20) }
        @inlinable public static var pCSCFIP6Address: Self { Self(rawValue: 21) }
        @inlinable public static var livenessTimeout: Self { Self(rawValue: 24) }
        @inlinable public static var dnsDomain: Self { Self(rawValue: 25) }
        @inlinable public static var dnssecTA: Self { Self(rawValue: 26) }
        @inlinable public static var encryptedDNSIP4: Self { Self(rawValue: 27) }
        @inlinable public static var encryptedDNSIP6: Self { Self(rawValue: 28) }
        @inlinable public static var encryptedDNSDigest: Self { Self(rawValue: 29) }
        @inlinable public static var ip4Server: Self { Self(rawValue: 23456) }
        @inlinable public static var ip6Server: Self { Self(rawValue: 23457) }

        public static let names = registered.merging(unity) { registered, _ in registered }

        private static let registered: [Self: String] = [
            .ip4Address: "INTERNAL_IP4_ADDRESS",
            .ip4Netmask: "INTERNAL_IP4_NETMASK",
            .ip4DNS: "INTERNAL_IP4_DNS",
            .ip4NBNS: "INTERNAL_IP4_NBNS",
            .ip4DHCP: "INTERNAL_IP4_DHCP",
            .applicationVersion: "APPLICATION_VERSION",
            .ip6Address: "INTERNAL_IP6_ADDRESS",
            .ip6DNS: "INTERNAL_IP6_DNS",
            .ip6DHCP: "INTERNAL_IP6_DHCP",
            .ip4Subnet: "INTERNAL_IP4_SUBNET",
            .supportedAttributes: "SUPPORTED_ATTRIBUTES",
            .ip6Subnet: "INTERNAL_IP6_SUBNET",
            .mip6HomePrefix: "MIP6_HOME_PREFIX",
            .ip6Link: "INTERNAL_IP6_LINK",
            .ip6Prefix: "INTERNAL_IP6_PREFIX",
            .homeAgentAddress: "HOME_AGENT_ADDRESS",
            .pCSCFIP4Address: "P_CSCF_IP4_ADDRESS",
            .pCSCFIP6Address: "P_CSCF_IP6_ADDRESS",
            Self(rawValue: 22): "FTT_KAT",
            Self(rawValue: 23): "EXTERNAL_SOURCE_IP4_NAT_INFO",
            .livenessTimeout: "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK",
            .dnsDomain: "INTERNAL_DNS_DOMAIN",
            .dnssecTA: "INTERNAL_DNSSEC_TA",
            .encryptedDNSIP4: "ENCDNS_IP4",
            .encryptedDNSIP6: "ENCDNS_IP6",
            .encryptedDNSDigest: "ENCDNS_DIGEST_INFO",
            .ip4Server: "INTERNAL_IP4_SERVER",
            .ip6Server: "INTERNAL_IP6_SERVER",
        ]

        /// Cisco Unity's attributes have the numbers and names that they have in IKEv1's Mode Config.
        private static let unity = Dictionary(
            uniqueKeysWithValues: (UInt16(28672)...28682).compactMap { number in
                ModeConfigAttribute(rawValue: number).name.map { (Self(rawValue: number), $0) }
            })

        /// What `value` says as a value of this attribute; bytes where it does not fit.
        public func meaning(_ value: [UInt8]) -> FieldValue {
            if value.isEmpty { return .bytes }
            switch self {
            case .ip4Address, .ip4Netmask, .ip4DNS, .ip4NBNS, .ip4DHCP, .ip6DNS, .ip6DHCP, .pCSCFIP4Address,
                .pCSCFIP6Address, .ip4Server, .ip6Server:
                return IPAddress(bytes: value).map { .address($0) } ?? .bytes
            case .homeAgentAddress:
                // An IPv6 address, and an IPv4 address behind it where there is one (3GPP TS 24.302 section 8.2.4.1).
                return IPAddress(bytes: value.prefix(16)).map { .address($0) } ?? .bytes
            case .supportedAttributes: return Self.list(value).map { .text($0) } ?? .bytes
            case .ip6Prefix: return ModeConfigAttribute(rawValue: Self.ip6Subnet.rawValue).meaning(value)
            case .mip6HomePrefix:
                guard value.count == 21 else { return .bytes }
                return ModeConfigAttribute(rawValue: Self.ip6Subnet.rawValue).meaning(Array(value.dropFirst(4)))
            case .livenessTimeout: return value.count <= 8 ? .number(UInt64(bytes: value)) : .bytes
            case .dnsDomain: return .text(String(decoding: value, as: UTF8.self))
            case .encryptedDNSIP4: return Self.resolver(value, addressLength: 4).map { .text($0) } ?? .bytes
            case .encryptedDNSIP6: return Self.resolver(value, addressLength: 16).map { .text($0) } ?? .bytes
            default:
                // 7 to 15 have IKEv1's forms, and so have Unity's.
                let isShared = rawValue <= 15 && rawValue != 5 && rawValue != 9 && rawValue != 11 || rawValue >= 28672
                return isShared ? ModeConfigAttribute(rawValue: rawValue).meaning(value) : .bytes
            }
        }

        /// The names of attributes, two bytes each (RFC 7296 section 3.15.1).
        private static func list(_ value: [UInt8]) -> String? {
            guard value.count % 2 == 0 else { return nil }
            return stride(from: 0, to: value.count, by: 2).map { start in
                let number = UInt16(bytes: value[start..<(start + 2)])
                return Self(rawValue: number).name ?? "\(number)"
            }.joined(separator: ", ")
        }

        /// Addresses and authentication domain name of an encrypted resolver (RFC 9464 section 3.1).
        ///
        ///     | Service Priority (2) | Num Addresses | ADN Length | addresses | name | service parameters ~
        private static func resolver(_ value: [UInt8], addressLength: Int) -> String? {
            guard value.count >= 4 else { return nil }
            let count = Int(value[2])
            let nameLength = Int(value[3])
            let nameStart = 4 + count * addressLength
            guard value.count >= nameStart + nameLength else { return nil }
            let addresses = (0..<count).compactMap { index in
                IPAddress(bytes: value[(4 + index * addressLength)..<(4 + (index + 1) * addressLength)])
            }
            let name = String(decoding: value[nameStart..<(nameStart + nameLength)], as: UTF8.self)
            return ([name] + addresses.map(\.description)).joined(separator: " ")
        }
    }
}
