import ScopeWire

/// A delete (RFC 2408 section 3.15).
///
///     |                 Domain of Interpretation                      |  4
///     |  Protocol-Id  |   SPI Size    |           # of SPIs           |  4
///     ~                             SPIs                              ~
public struct DeletePayload: Sendable {
    public var doi: UInt32
    public var protocolID: SecurityProtocol
    /// Each of the size that the payload names: 4 bytes for ESP and AH, 16 (both cookies) for ISAKMP.
    public var spis: [[UInt8]]

    public init(doi: UInt32, protocolID: SecurityProtocol, spis: [[UInt8]]) {
        self.doi = doi
        self.protocolID = protocolID
        self.spis = spis
    }

    /// Reads the body; when count and bytes disagree, `problem` says so and the SPIs that are there are kept.
    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        doi = try reader.code(bytes, "DOI", as: DomainOfInterpretation.self).rawValue
        protocolID = try reader.code(bytes, "protocol ID")
        let size = Int(try reader.u8(bytes, "SPI size"))
        let countOffset = reader.at
        let count = Int(try reader.u16(bytes, "SPI count"))
        spis = []
        while size > 0, spis.count < count, reader.remaining >= size {
            spis.append(bytes.copy(try reader.bytes("SPI", count: size)))
        }
        if spis.count != count {
            problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "SPI count")
        } else if !reader.isAtEnd {
            problem = DecodeError(.trailingBytes(reader.remaining), at: reader.at, field: "end")
        }
        _ = reader.remainder("not decoded")
    }
}
