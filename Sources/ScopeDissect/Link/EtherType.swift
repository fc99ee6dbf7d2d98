import ScopeWire

/// What an Ethernet frame, a cooked header or a GRE header says it carries (IEEE 802 numbers).
struct EtherType: CodePoint {
    let rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }

    static let ipv4 = EtherType(rawValue: 0x0800)
    static let arp = EtherType(rawValue: 0x0806)
    static let transparentEthernet = EtherType(rawValue: 0x6558)
    static let vlan = EtherType(rawValue: 0x8100)
    static let ipv6 = EtherType(rawValue: 0x86dd)
    static let ppp = EtherType(rawValue: 0x880b)
    static let mpls = EtherType(rawValue: 0x8847)
    static let mplsUpstream = EtherType(rawValue: 0x8848)
    static let pppoeDiscovery = EtherType(rawValue: 0x8863)
    static let pppoeSession = EtherType(rawValue: 0x8864)
    static let jumboLLC = EtherType(rawValue: 0x8870)
    static let serviceVLAN = EtherType(rawValue: 0x88a8)
    static let oldQinQ = EtherType(rawValue: 0x9100)

    static let names: [EtherType: String] = [
        .ipv4: "IPv4", .arp: "ARP", .transparentEthernet: "Ethernet", .vlan: "802.1Q", .ipv6: "IPv6", .ppp: "PPP",
        .mpls: "MPLS", .mplsUpstream: "MPLS upstream", .pppoeDiscovery: "PPPoE discovery",
        .pppoeSession: "PPPoE session", .jumboLLC: "LLC", .serviceVLAN: "802.1ad", .oldQinQ: "QinQ",
    ]

    /// Below this, the field is the length of an 802.3 frame.
    static let smallest: UInt16 = 0x0600
}

extension Dissection {
    /// From the first byte behind an EtherType on.
    mutating func etherType(
        _ type: EtherType, _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Bool {
        var type = type
        while true {
            switch type {
            case .ipv4, .ipv6:
                return try ip(&reader, bytes)
            case .vlan, .serviceVLAN, .oldQinQ:
                layers.push(.vlan)
                type = try reader.header(bytes, as: VLANTag.self).type
                if type.rawValue < EtherType.smallest { return try llc(length: type.rawValue, &reader, bytes) }
            case .mpls, .mplsUpstream:
                return try mpls(&reader, bytes)
            case .pppoeSession:
                return try pppoe(&reader, bytes)
            case .ppp:
                return try ppp(&reader, bytes)
            case .transparentEthernet:
                return try ethernet(&reader, bytes)
            case .jumboLLC:
                return try llc(length: nil, &reader, bytes)
            default:
                return false
            }
        }
    }
}
