import ScopeWire

/// The eight bytes before the packet that an ICMP error quotes (RFC 792, RFC 4443 section 3).
struct ICMPErrorHeader: WireHeader {
    static let title = "ICMP"
    var type: UInt8
    var code: UInt8
    /// What the four bytes behind the checksum hold depends on the type.
    var rest: UInt32

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        type = try reader.u8(bytes, "type")
        code = try reader.u8(bytes, "code")
        _ = try reader.u16(bytes, "checksum")
        rest = try reader.u32(bytes, "rest of header")
    }
}

extension Dissection {
    /// Nil for what is no error, or too short to be one.
    func icmp(_ type: IPProtocol, _ reader: inout ByteReader, _ bytes: RawSpan) -> Datagram.Content? {
        let isV6 = type == .icmpv6
        guard let header = try? reader.header(bytes, as: ICMPErrorHeader.self), Self.isError(header.type, isV6: isV6)
        else { return nil }
        var mtu: UInt32 = 0
        if isV6, header.type == 2 { mtu = header.rest }
        if !isV6, header.type == 3, header.code == 4 { mtu = header.rest & 0xffff }
        // RFC 4884 section 3: where extensions follow the quoted packet, these types say how long it is.
        let words = isV6 ? Int(header.rest >> 24) * 2 : Int(header.rest >> 16 & 0xff)
        let saysLength =
            isV6 ? header.type == 1 || header.type == 3 : header.type == 3 || header.type == 11 || header.type == 12
        if saysLength, words > 0 { reader.narrow(to: words * 4) }
        let quoted = reader.rest
        if reader.recorder != nil { showQuoted(reader, bytes) }
        return .icmpError(ICMPError(isV6: isV6, type: header.type, code: header.code, mtu: mtu, quoted: quoted))
    }

    private static func isError(_ type: UInt8, isV6: Bool) -> Bool {
        isV6 ? (1...4).contains(type) : type == 3 || type == 4 || type == 5 || type == 11 || type == 12
    }

    private func showQuoted(_ reader: ByteReader, _ bytes: RawSpan) {
        guard depth < Self.deepest, !reader.isAtEnd else { return }
        var (inside, reader) = (self, reader)
        reader.recorder?.open("quoted packet", from: reader.at)
        _ = try? inside.ip(&reader, bytes)
        reader.recorder?.close(at: reader.end)
    }
}
