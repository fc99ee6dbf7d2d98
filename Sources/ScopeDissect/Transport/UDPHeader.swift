import ScopeWire

/// RFC 768.
struct UDPHeader: WireHeader {
    static let title = "UDP"
    static let length = 8

    var sourcePort: UInt16
    var destinationPort: UInt16
    /// Header and payload in bytes; 0 in jumbograms (RFC 2675 section 4) and where the network card was to fill it in.
    var length: Int

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        sourcePort = try reader.u16(bytes, "source port")
        destinationPort = try reader.u16(bytes, "destination port")
        let lengthAt = reader.at
        length = Int(try reader.u16(bytes, "length"))
        guard length == 0 || length >= Self.length else {
            throw DecodeError(.badLength(length), at: lengthAt, field: "length")
        }
        _ = try reader.u16(bytes, "checksum")
    }
}
