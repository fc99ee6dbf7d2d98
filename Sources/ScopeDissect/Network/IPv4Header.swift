import ScopeWire

/// RFC 791 section 3.1.
struct IPv4Header: WireHeader {
    static let title = "IPv4"
    /// Header and payload in bytes; 0 when the sender left it to its network card (TSO).
    var totalLength: Int
    var identification: UInt16
    /// In bytes.
    var fragmentOffset: Int
    var moreFragments: Bool
    var timeToLive: UInt8
    var protocolType: IPProtocol
    var source: IPAddress
    var destination: IPAddress

    var isFragment: Bool { moreFragments || fragmentOffset > 0 }

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        let start = reader.at
        let first = try reader.u8(bytes, "version and header length")
        guard first >> 4 == 4 else { throw DecodeError(.unexpected(UInt64(first >> 4)), at: start, field: "version") }
        let headerLength = Int(first & 15) * 4
        guard headerLength >= 20 else {
            throw DecodeError(.badLength(headerLength), at: start, field: "header length")
        }
        _ = try reader.u8(bytes, "DSCP and ECN")
        totalLength = Int(try reader.u16(bytes, "total length"))
        guard totalLength == 0 || totalLength >= headerLength else {
            throw DecodeError(.badLength(totalLength), at: start + 2, field: "total length")
        }
        identification = try reader.u16(bytes, "identification")
        let fragment = try reader.u16(bytes, "flags and fragment offset")
        fragmentOffset = Int(fragment & 0x1fff) * 8
        moreFragments = fragment & 0x2000 != 0
        if let recorder = reader.recorder, fragment != 0 {
            let flags = (fragment & 0x4000 != 0 ? "do not fragment, " : "") + (moreFragments ? "more fragments, " : "")
            recorder.interpret(note: "\(flags)offset \(fragmentOffset)")
        }
        timeToLive = try reader.u8(bytes, "time to live")
        protocolType = try reader.code(bytes, "protocol")
        _ = try reader.u16(bytes, "header checksum")
        source = try reader.ipv4(bytes, "source")
        destination = try reader.ipv4(bytes, "destination")
        if headerLength > 20 { _ = try reader.bytes("options", count: headerLength - 20) }
    }
}
