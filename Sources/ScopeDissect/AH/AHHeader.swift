import ScopeWire

/// The authentication header (RFC 4302 section 2).
///
///     | Next Header   |  Payload Len  |          RESERVED             |  4
///     |                 Security Parameters Index (SPI)               |  4
///     |                        Sequence Number                        |  4
///     |                   Integrity Check Value (ICV)                 |  4 * n
public struct AHHeader: Hashable, Sendable {
    /// Without the ICV.
    public static let length = 12

    public var nextHeader: IPProtocol
    public var spi: UInt32
    /// The low 32 bits, where the SA uses extended sequence numbers.
    public var sequence: UInt32
    /// The ICV with the padding that aligns the header: only the algorithm tells where the padding begins.
    public var icv: Range<Int>
    /// What the header protects, beside the IP header before it.
    public var payload: Range<Int>

    /// Reads an AH packet that reaches up to the reader's end.
    ///
    /// The ICV may be short when the capture cut the packet.
    public init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        nextHeader = try reader.code(bytes, "next header")
        let lengthAt = reader.at
        // Counts 32-bit words and leaves out the first two.
        let length = (Int(try reader.u8(bytes, "payload length")) + 2) * 4
        guard length >= 12 else { throw DecodeError(.badLength(length), at: lengthAt, field: "payload length") }
        _ = try reader.u16(bytes, "reserved")
        spi = try reader.u32(bytes, "SPI")
        sequence = try reader.u32(bytes, "sequence number")
        let isCut = reader.limit == .capture && length - 12 > reader.remaining
        icv = isCut ? reader.remainder("ICV") : try reader.bytes("ICV", count: length - 12)
        payload = reader.remainder("payload")
    }
}

extension AHHeader: WireHeader {
    static let title = "AH"
}
