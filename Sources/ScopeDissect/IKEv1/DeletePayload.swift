import ScopeWire

/// A delete (RFC 2408 section 3.15).
///
///     |                 Domain of Interpretation                      |  4
///     |  Protocol-Id  |   SPI Size    |           # of SPIs           |  4
///     ~                             SPIs                              ~
public struct DeletePayload: SPIList, Sendable {
    public var doi: UInt32
    public var protocolID: SecurityProtocol
    /// Bytes of each SPI: 4 for ESP and AH, 16 (both cookies) for ISAKMP.
    public var spiSize: Int
    /// All SPIs behind each other, as they stand in the payload: there may be 60,000.
    public var spiBytes: [UInt8]

    /// - Parameter spis: all of one size.
    public init(doi: UInt32, protocolID: SecurityProtocol, spis: [[UInt8]]) {
        self.doi = doi
        self.protocolID = protocolID
        spiSize = spis.first?.count ?? 0
        spiBytes = spis.flatMap { $0 }
    }

    /// The cookies of the IKE SAs that are deleted, those of the first `mostSPIs`: zero where an SPI is not two cookies.
    public var cookies: [(initiator: UInt64, responder: UInt64)] {
        guard spiSize == 16 else { return Array(repeating: (0, 0), count: min(count, Self.mostSPIs)) }
        return spis.map { (UInt64(bytes: $0.prefix(8)), UInt64(bytes: $0.suffix(8))) }
    }

    /// Reads the body; when count and bytes disagree, `problem` says so and the SPIs that are there are kept.
    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        doi = try reader.code(bytes, "DOI", as: DomainOfInterpretation.self).rawValue
        protocolID = try reader.code(bytes, "protocol ID")
        (spiSize, spiBytes) = try Self.readSPIs(&reader, bytes, problem: &problem)
    }
}
