import ScopeWire

/// A payload that names SPIs of one size: the Delete of either version (RFC 2408 section 3.15, RFC 7296 section 3.11).
public protocol SPIList {
    /// Bytes of each SPI.
    var spiSize: Int { get }
    /// All SPIs behind each other, as they stand in the payload: there may be 60,000.
    var spiBytes: [UInt8] { get }
}

extension SPIList {
    /// More SPIs than this are counted and not looked at: no device deletes so many in one message.
    public static var mostSPIs: Int { 1024 }

    /// How many SPIs the payload holds.
    public var count: Int { spiSize > 0 ? spiBytes.count / spiSize : 0 }

    /// The SPIs, the first `mostSPIs` of them.
    public var spis: [[UInt8]] {
        (0..<min(count, Self.mostSPIs)).map { Array(spiBytes[$0 * spiSize..<($0 + 1) * spiSize]) }
    }

    /// The SPIs of ESP or AH as numbers, the first `mostSPIs` of them; those of another size are left out.
    public var spiNumbers: [UInt32] { spiSize == 4 ? spis.map { UInt32(bytes: $0) } : [] }

    /// Reads size, count and SPIs; when count and bytes disagree, `problem` says so and the SPIs that are there are kept.
    static func readSPIs(
        _ reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?
    ) throws(DecodeError) -> (size: Int, bytes: [UInt8]) {
        let size = Int(try reader.u8(bytes, "SPI size"))
        let countOffset = reader.at
        let count = Int(try reader.u16(bytes, "SPI count"))
        let present = size > 0 ? min(count, reader.remaining / size) : 0
        let start = reader.at
        for _ in 0..<min(present, mostSPIs) { _ = try reader.bytes("SPI", count: size) }
        if present > mostSPIs { _ = try reader.bytes("more SPIs", count: (present - mostSPIs) * size) }
        let spis = bytes.copy(start..<reader.at)
        if present != count {
            problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "SPI count")
        } else if !reader.isAtEnd {
            problem = DecodeError(.trailingBytes(reader.remaining), at: reader.at, field: "end")
        }
        _ = reader.remainder("not decoded")
        return (size, spis)
    }
}
