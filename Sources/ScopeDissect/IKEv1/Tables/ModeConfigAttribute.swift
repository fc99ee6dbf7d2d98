import ScopeWire

/// Attributes of Mode Config (draft-dukes-ike-mode-cfg), XAUTH (draft-beaulieu-ike-xauth), Cisco Unity and
/// Check Point.
public struct ModeConfigAttribute: CodePoint {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable public static var ip4Address: ModeConfigAttribute { ModeConfigAttribute(rawValue: 1) }
    @inlinable public static var ip4Netmask: ModeConfigAttribute { ModeConfigAttribute(rawValue: 2) }
    @inlinable public static var ip4DNS: ModeConfigAttribute { ModeConfigAttribute(rawValue: 3) }
    @inlinable public static var ip4NBNS: ModeConfigAttribute { ModeConfigAttribute(rawValue: 4) }
    @inlinable public static var addressExpiry: ModeConfigAttribute { ModeConfigAttribute(rawValue: 5) }
    @inlinable public static var ip4DHCP: ModeConfigAttribute { ModeConfigAttribute(rawValue: 6) }
    @inlinable public static var applicationVersion: ModeConfigAttribute { ModeConfigAttribute(rawValue: 7) }
    @inlinable public static var xauthType: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16520) }
    @inlinable public static var xauthUserName: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16521) }
    @inlinable public static var xauthUserPassword: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16522) }
    @inlinable public static var xauthPasscode: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16523) }
    @inlinable public static var xauthMessage: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16524) }
    @inlinable public static var xauthDomain: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16526) }
    @inlinable public static var xauthStatus: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16527) }
    @inlinable public static var xauthNextPIN: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16528) }
    @inlinable public static var xauthAnswer: ModeConfigAttribute { ModeConfigAttribute(rawValue: 16529) }
    @inlinable public static var banner: ModeConfigAttribute { ModeConfigAttribute(rawValue: 28672) }
    @inlinable public static var savePassword: ModeConfigAttribute { ModeConfigAttribute(rawValue: 28673) }
    @inlinable public static var defaultDomain: ModeConfigAttribute { ModeConfigAttribute(rawValue: 28674) }
    @inlinable public static var splitDNS: ModeConfigAttribute { ModeConfigAttribute(rawValue: 28675) }
    @inlinable public static var splitInclude: ModeConfigAttribute { ModeConfigAttribute(rawValue: 28676) }
    @inlinable public static var splitExclude: ModeConfigAttribute { ModeConfigAttribute(rawValue: 28678) }

    /// What a user types to prove who they are.
    static let secrets: Set<ModeConfigAttribute> = [.xauthUserPassword, .xauthPasscode, .xauthNextPIN, .xauthAnswer]

    /// True for a password or another proof, which is not to be shown.
    public var isSecret: Bool { Self.secrets.contains(self) }

    public static let names: [ModeConfigAttribute: String] = [
        .ip4Address: "INTERNAL_IP4_ADDRESS", .ip4Netmask: "INTERNAL_IP4_NETMASK", .ip4DNS: "INTERNAL_IP4_DNS",
        .ip4NBNS: "INTERNAL_IP4_NBNS", .addressExpiry: "INTERNAL_ADDRESS_EXPIRY", .ip4DHCP: "INTERNAL_IP4_DHCP",
        .applicationVersion: "APPLICATION_VERSION", ModeConfigAttribute(rawValue: 8): "INTERNAL_IP6_ADDRESS",
        ModeConfigAttribute(rawValue: 9): "INTERNAL_IP6_NETMASK", ModeConfigAttribute(rawValue: 10): "INTERNAL_IP6_DNS",
        ModeConfigAttribute(rawValue: 11): "INTERNAL_IP6_NBNS", ModeConfigAttribute(rawValue: 12): "INTERNAL_IP6_DHCP",
        ModeConfigAttribute(rawValue: 13): "INTERNAL_IP4_SUBNET",
        ModeConfigAttribute(rawValue: 14): "SUPPORTED_ATTRIBUTES",
        ModeConfigAttribute(rawValue: 15): "INTERNAL_IP6_SUBNET",

        ModeConfigAttribute(rawValue: 16387): "CHECKPOINT_DEF_DOMAIN",
        ModeConfigAttribute(rawValue: 16388): "CHECKPOINT_MAC_ADDRESS",
        ModeConfigAttribute(rawValue: 16389): "CHECKPOINT_MARCIPAN_REASON_CODE",

        .xauthType: "XAUTH-TYPE", .xauthUserName: "XAUTH-USER-NAME", .xauthUserPassword: "XAUTH-USER-PASSWORD",
        .xauthPasscode: "XAUTH-PASSCODE", .xauthMessage: "XAUTH-MESSAGE",
        ModeConfigAttribute(rawValue: 16525): "XAUTH-CHALLENGE", .xauthDomain: "XAUTH-DOMAIN",
        .xauthStatus: "XAUTH-STATUS", .xauthNextPIN: "XAUTH-NEXT-PIN", .xauthAnswer: "XAUTH-ANSWER",

        .banner: "BANNER", .savePassword: "SAVE_PASSWD", .defaultDomain: "DEF_DOMAIN", .splitDNS: "SPLIT_DNS",
        .splitInclude: "SPLIT_INCLUDE", ModeConfigAttribute(rawValue: 28677): "NATT_PORT",
        .splitExclude: "SPLIT_EXCLUDE", ModeConfigAttribute(rawValue: 28679): "PFS",
        ModeConfigAttribute(rawValue: 28680): "FW_TYPE", ModeConfigAttribute(rawValue: 28681): "BACKUP_SERVERS",
        ModeConfigAttribute(rawValue: 28682): "DDNS_HOSTNAME",
    ]

    /// What `value` says as a value of this attribute; bytes where it does not fit.
    public func meaning(_ value: [UInt8]) -> FieldValue {
        if value.isEmpty { return .bytes }
        let number = value.count <= 8 ? UInt64(bytes: value) : nil
        switch rawValue {
        case 1...4, 6, 10...12: return IPAddress(bytes: value).map { .address($0) } ?? .bytes
        case 8: return Self.prefix(value) ?? .bytes
        case 13: return Self.masked(value).map { .text($0) } ?? .bytes
        case 15: return Self.prefix(value) ?? .bytes
        case 7, 16521...16524, 16526, 16528, 16529, 28672, 28674, 28675, 28681, 28682:
            return .text(String(decoding: value, as: UTF8.self))
        case 16520:
            return number.map { .code($0, Self.word($0, ["Generic", "RADIUS-CHAP", "OTP", "S/KEY"])) } ?? .bytes
        case 16527: return number.map { .code($0, Self.word($0, ["FAIL", "OK"])) } ?? .bytes
        case 28676, 28678: return Self.networks(value).map { .text($0) } ?? .bytes
        case 5, 28673, 28677, 28679: return number.map { .number($0) } ?? .bytes
        default: return .bytes
        }
    }

    private static func word(_ number: UInt64, _ words: [String]) -> String? {
        number < UInt64(words.count) ? words[Int(number)] : nil
    }

    /// An IPv6 address, alone or with its prefix length in a 17th byte.
    private static func prefix(_ value: [UInt8]) -> FieldValue? {
        guard let address = IPAddress(bytes: value.prefix(16)), address.isV6 else { return nil }
        guard value.count == 17, let length = value.last else {
            return value.count == 16 ? .address(address) : nil
        }
        return .text("\(address)/\(length)")
    }

    /// Address and mask, 4 bytes each.
    private static func masked(_ value: [UInt8]) -> String? {
        guard value.count == 8, let address = IPAddress(bytes: value.prefix(4)),
            let mask = IPAddress(bytes: value.suffix(4))
        else { return nil }
        return "\(address)/\(mask)"
    }

    /// Unity's records of 14 bytes: address, mask, protocol, source port, destination port.
    private static func networks(_ value: [UInt8]) -> String? {
        guard value.count % 14 == 0 else { return nil }
        var words: [String] = []
        for start in stride(from: 0, to: value.count, by: 14) {
            guard let network = masked(Array(value[start..<(start + 8)])) else { return nil }
            let rest = value[(start + 8)..<(start + 14)].map { UInt16($0) }
            let numbers = [rest[0] << 8 | rest[1], rest[2] << 8 | rest[3], rest[4] << 8 | rest[5]]
            words.append(
                numbers == [0, 0, 0]
                    ? network : "\(network) protocol \(numbers[0]) ports \(numbers[1]) to \(numbers[2])")
        }
        return words.joined(separator: ", ")
    }
}
