import ScopeWire

/// The part of an ESP packet that is in the clear (RFC 4303 section 2).
///
///     |                Security Parameters Index (SPI)                |  4
///     |                        Sequence Number                        |  4
///     |              IV, encrypted payload, padding, ICV              |
public struct ESPHeader: Hashable, Sendable {
    public static let length = 8

    public var spi: UInt32
    /// The low 32 bits, where the SA uses extended sequence numbers.
    public var sequence: UInt32
    /// IV, ciphertext and ICV.
    public var rest: Range<Int>

    /// Reads an ESP packet that reaches up to the reader's end.
    public init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        spi = try reader.u32(bytes, "SPI")
        sequence = try reader.u32(bytes, "sequence number")
        rest = reader.remainder("encrypted")
    }
}

extension ESPHeader: WireHeader {
    static let title = "ESP"
}
