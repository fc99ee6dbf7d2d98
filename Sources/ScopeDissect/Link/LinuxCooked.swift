import ScopeWire

/// LINKTYPE_LINUX_SLL: what Linux makes up for a capture on "any".
///
///     | packet type 2 | ARPHRD type 2 | address length 2 | address 8 | protocol 2 |
struct LinuxCookedHeader: WireHeader {
    static let title = "Linux cooked"
    var protocolType: EtherType

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        _ = try reader.u16(bytes, "packet type")
        _ = try reader.u16(bytes, "link type")
        _ = try reader.u16(bytes, "address length")
        _ = try reader.bytes("address", count: 8)
        protocolType = try reader.code(bytes, "protocol")
    }
}

/// LINKTYPE_LINUX_SLL2: the same with the interface's index.
///
///     | protocol 2 | reserved 2 | interface 4 | ARPHRD type 2 | packet type 1 | address length 1 | address 8 |
struct LinuxCookedHeader2: WireHeader {
    static let title = "Linux cooked v2"
    var protocolType: EtherType

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        protocolType = try reader.code(bytes, "protocol")
        _ = try reader.u16(bytes, "reserved")
        _ = try reader.u32(bytes, "interface index")
        _ = try reader.u16(bytes, "link type")
        _ = try reader.u8(bytes, "packet type")
        _ = try reader.u8(bytes, "address length")
        _ = try reader.bytes("address", count: 8)
    }
}

extension Dissection {
    /// Behind a cooked header: an EtherType, or one of Linux's small numbers for frames that have none.
    mutating func cooked(
        _ type: EtherType, _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Bool {
        switch type.rawValue {
        // LINUX_SLL_P_802_2
        case 0x0004: return try llc(length: nil, &reader, bytes)
        // ETH_P_PPP_MP
        case 0x0008: return try ppp(&reader, bytes)
        default: return try etherType(type, &reader, bytes)
        }
    }
}
