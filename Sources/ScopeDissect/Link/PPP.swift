import ScopeWire

/// A PPP protocol number (RFC 1661 section 2).
struct PPPProtocol: CodePoint {
    let rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }

    static let ipv4 = PPPProtocol(rawValue: 0x0021)
    static let ipv6 = PPPProtocol(rawValue: 0x0057)
    static let mpls = PPPProtocol(rawValue: 0x0281)

    static let names: [PPPProtocol: String] = [
        .ipv4: "IPv4", .ipv6: "IPv6", .mpls: "MPLS", PPPProtocol(rawValue: 0x8021): "IPCP",
        PPPProtocol(rawValue: 0x8057): "IPV6CP", PPPProtocol(rawValue: 0xc021): "LCP",
        PPPProtocol(rawValue: 0xc023): "PAP", PPPProtocol(rawValue: 0xc223): "CHAP",
    ]
}

/// Address and control where they were not left out, and the protocol in one or two bytes (RFC 1661 section 6.5, 6.6).
struct PPPHeader: WireHeader {
    static let title = "PPP"
    var protocolType: PPPProtocol

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        if reader.peek16(bytes) == 0xff03 {
            _ = try reader.u8(bytes, "address")
            _ = try reader.u8(bytes, "control")
        }
        // The last byte of a protocol number is odd, every other one is even: a first odd byte stands alone.
        if let first = reader.peek(bytes), first & 1 == 1 {
            protocolType = PPPProtocol(rawValue: UInt16(try reader.u8(bytes, "protocol")))
            if let recorder = reader.recorder {
                recorder.interpret(.code(UInt64(protocolType.rawValue), protocolType.name))
            }
        } else {
            protocolType = try reader.code(bytes, "protocol")
        }
    }
}

/// RFC 2516 section 4, of a session.
struct PPPoEHeader: WireHeader {
    static let title = "PPPoE"
    /// Bytes behind this header.
    var length: Int
    var carriesPPP: Bool

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let version = try reader.u8(bytes, "version and type")
        let code = try reader.u8(bytes, "code")
        _ = try reader.u16(bytes, "session")
        length = Int(try reader.u16(bytes, "length"))
        carriesPPP = version == 0x11 && code == 0
    }
}

struct CiscoHDLCHeader: WireHeader {
    static let title = "Cisco HDLC"
    var type: EtherType

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        _ = try reader.u8(bytes, "address")
        _ = try reader.u8(bytes, "control")
        type = try reader.code(bytes, "protocol")
    }
}

extension Dissection {
    mutating func ppp(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.ppp)
        switch try reader.header(bytes, as: PPPHeader.self).protocolType {
        case .ipv4, .ipv6: return try ip(&reader, bytes)
        case .mpls: return try mpls(&reader, bytes)
        default: return false
        }
    }

    mutating func pppoe(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.pppoe)
        let header = try reader.header(bytes, as: PPPoEHeader.self)
        guard header.carriesPPP else { return false }
        // A network card that cuts big packets into frames after they were captured leaves 0 here.
        if header.length > 0 { reader.narrow(to: header.length) }
        return try ppp(&reader, bytes)
    }

    mutating func ciscoHDLC(_ reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) -> Bool {
        layers.push(.ciscoHDLC)
        return try etherType(try reader.header(bytes, as: CiscoHDLCHeader.self).type, &reader, bytes)
    }
}
