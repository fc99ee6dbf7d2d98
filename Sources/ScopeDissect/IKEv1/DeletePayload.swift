import ScopeWire

/// A delete (RFC 2408 section 3.15).
///
///     |                 Domain of Interpretation                      |  4
///     |  Protocol-Id  |   SPI Size    |           # of SPIs           |  4
///     ~                             SPIs                              ~
public struct DeletePayload: Sendable {
    public var doi: UInt32
    public var protocolID: SecurityProtocol
    /// Bytes of each SPI: 4 for ESP and AH, 16 (both cookies) for ISAKMP.
    public var spiSize: Int
    /// All SPIs behind each other, as they stand in the payload: there may be 60,000.
    public var spiBytes: [UInt8]

    /// More SPIs than this are counted and not looked at: no device deletes so many in one message.
    public static let mostSPIs = 1024

    /// - Parameter spis: all of one size.
    public init(doi: UInt32, protocolID: SecurityProtocol, spis: [[UInt8]]) {
        self.doi = doi
        self.protocolID = protocolID
        spiSize = spis.first?.count ?? 0
        spiBytes = spis.flatMap { $0 }
    }

    /// How many SPIs the payload holds.
    public var count: Int { spiSize > 0 ? spiBytes.count / spiSize : 0 }

    /// The SPIs, the first `mostSPIs` of them.
    public var spis: [[UInt8]] {
        (0..<min(count, Self.mostSPIs)).map { Array(spiBytes[$0 * spiSize..<($0 + 1) * spiSize]) }
    }

    /// The SPIs of ESP or AH as numbers, the first `mostSPIs` of them; those of another size are left out.
    public var spiNumbers: [UInt32] { spiSize == 4 ? spis.map { UInt32(bytes: $0) } : [] }

    /// The cookies of the IKE SAs that are deleted, those of the first `mostSPIs`: zero where an SPI is not two cookies.
    public var cookies: [(initiator: UInt64, responder: UInt64)] {
        guard spiSize == 16 else { return Array(repeating: (0, 0), count: min(count, Self.mostSPIs)) }
        return spis.map { (UInt64(bytes: $0.prefix(8)), UInt64(bytes: $0.suffix(8))) }
    }

    /// Reads the body; when count and bytes disagree, `problem` says so and the SPIs that are there are kept.
    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        doi = try reader.code(bytes, "DOI", as: DomainOfInterpretation.self).rawValue
        protocolID = try reader.code(bytes, "protocol ID")
        spiSize = Int(try reader.u8(bytes, "SPI size"))
        let countOffset = reader.at
        let count = Int(try reader.u16(bytes, "SPI count"))
        let present = spiSize > 0 ? min(count, reader.remaining / spiSize) : 0
        let start = reader.at
        for _ in 0..<min(present, Self.mostSPIs) { _ = try reader.bytes("SPI", count: spiSize) }
        if present > Self.mostSPIs {
            _ = try reader.bytes("more SPIs", count: (present - Self.mostSPIs) * spiSize)
        }
        spiBytes = bytes.copy(start..<reader.at)
        if present != count {
            problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "SPI count")
        } else if !reader.isAtEnd {
            problem = DecodeError(.trailingBytes(reader.remaining), at: reader.at, field: "end")
        }
        _ = reader.remainder("not decoded")
    }
}
