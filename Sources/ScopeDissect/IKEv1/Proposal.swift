import ScopeWire

/// A Proposal payload (RFC 2408 section 3.5).
///
///     |  0 (last) / 2 |   RESERVED    |        Proposal Length        |  4
///     |  Proposal #   |  Protocol-Id  |   SPI Size    |# of Transforms|  4
///     ~                      SPI, then transforms                     ~
public struct Proposal: Hashable, Sendable {
    public var number: UInt8
    public var protocolID: SecurityProtocol
    /// 0, 4 (ESP, AH) or 8 or 16 bytes (ISAKMP cookies).
    public var spi: [UInt8]
    public var transforms: [Transform]

    public init(number: UInt8, protocolID: SecurityProtocol, spi: [UInt8], transforms: [Transform]) {
        self.number = number
        self.protocolID = protocolID
        self.spi = spi
        self.transforms = transforms
    }

    /// The SPI of an ESP, AH or IPComp proposal as a number; nil when it has not 1 to 4 bytes.
    public var spiNumber: UInt32? {
        (1...4).contains(spi.count) ? UInt32(bytes: spi) : nil
    }

    /// Reads proposals up to the bound; the first fault is noted in `problem`, and what decodes is kept.
    static func list(
        reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?
    ) -> [Proposal] {
        NestedPayloads.read(&reader, bytes, kind: .proposal, problem: &problem) {
            (inner, bytes, problem) throws(DecodeError) in
            try Proposal(reading: &inner, bytes, problem: &problem)
        }
    }

    private init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        number = try reader.u8(bytes, "number")
        protocolID = try reader.code(bytes, "protocol ID")
        let spiSize = Int(try reader.u8(bytes, "SPI size"))
        let countOffset = reader.at
        let count = Int(try reader.u8(bytes, "transform count"))
        spi = bytes.copy(try reader.bytes("SPI", count: spiSize))
        transforms = Transform.list(reading: &reader, bytes, protocolID: protocolID, problem: &problem)
        if count != transforms.count, problem == nil {
            problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "transform count")
        }
    }
}
