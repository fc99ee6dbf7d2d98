import ScopeWire

/// RFC 9293 section 3.1.
struct TCPHeader: WireHeader {
    static let title = "TCP"
    var sourcePort: UInt16
    var destinationPort: UInt16
    var sequence: UInt32
    /// CWR, ECE, URG, ACK, PSH, RST, SYN, FIN.
    var flags: UInt8

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        sourcePort = try reader.u16(bytes, "source port")
        destinationPort = try reader.u16(bytes, "destination port")
        sequence = try reader.u32(bytes, "sequence number")
        _ = try reader.u32(bytes, "acknowledgment number")
        let offsetAt = reader.at
        let headerLength = Int(try reader.u8(bytes, "data offset") >> 4) * 4
        guard headerLength >= 20 else {
            throw DecodeError(.badLength(headerLength), at: offsetAt, field: "data offset")
        }
        flags = try reader.u8(bytes, "flags")
        _ = try reader.u16(bytes, "window")
        _ = try reader.u16(bytes, "checksum")
        _ = try reader.u16(bytes, "urgent pointer")
        if headerLength > 20 { _ = try reader.bytes("options", count: headerLength - 20) }
    }

    func segment(payload: Range<Int>) -> TCPSegment {
        TCPSegment(
            sourcePort: sourcePort, destinationPort: destinationPort, sequence: sequence, isSYN: flags & 2 != 0,
            isFIN: flags & 1 != 0, isRST: flags & 4 != 0, payload: payload)
    }
}
