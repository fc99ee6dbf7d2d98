import ScopeWire

extension IKEv2 {
    /// A Security Association payload (RFC 7296 section 3.3): nothing but proposals.
    ///
    ///     ~                          Proposals                            ~
    public struct SAPayload: Hashable, Sendable {
        public var proposals: [Proposal]

        public init(proposals: [Proposal]) { self.proposals = proposals }

        /// Reads the body; proposals before the first one that does not decode are kept, and `problem` says why.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) {
            proposals = NestedPayloads.read(&reader, bytes, kind: .proposal, problem: &problem) {
                (inner, bytes, problem) throws(DecodeError) in
                try Proposal(reading: &inner, bytes, problem: &problem)
            }
        }
    }

    /// A proposal (RFC 7296 section 3.3.1): of each type of transform it names, one is chosen.
    ///
    ///     |  0 (last) / 2 |   RESERVED    |        Proposal Length        |  4
    ///     |  Proposal Num |  Protocol ID  |   SPI Size    |Num  Transforms|  4
    ///     ~                      SPI, then transforms                     ~
    public struct Proposal: Hashable, Sendable {
        /// Counts from 1; an answer names the one that it accepts.
        public var number: UInt8
        public var protocolID: ProtocolID
        /// 0 bytes in IKE_SA_INIT, 4 for ESP and AH, 8 where an IKE SA is rekeyed.
        public var spi: [UInt8]
        public var transforms: [Transform]

        public init(number: UInt8, protocolID: ProtocolID, spi: [UInt8], transforms: [Transform]) {
            self.number = number
            self.protocolID = protocolID
            self.spi = spi
            self.transforms = transforms
        }

        /// The SPI of an ESP or AH proposal as a number; nil when it has not four bytes.
        public var spiNumber: UInt32? { spi.count == 4 ? UInt32(bytes: spi) : nil }
        /// The SPI of a rekeyed IKE SA as a number; nil when it has not eight bytes.
        public var ikeSPI: UInt64? { spi.count == 8 ? UInt64(bytes: spi) : nil }

        /// The transforms of one type, in wire order.
        public func transforms(of type: TransformType) -> [Transform] { transforms.filter { $0.type == type } }

        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            number = try reader.u8(bytes, "number")
            protocolID = try reader.code(bytes, "protocol ID")
            let spiSize = Int(try reader.u8(bytes, "SPI size"))
            let countOffset = reader.at
            let count = Int(try reader.u8(bytes, "transform count"))
            spi = bytes.copy(try reader.bytes("SPI", count: spiSize))
            transforms = NestedPayloads.read(&reader, bytes, kind: .transform, problem: &problem) {
                (inner, bytes, problem) throws(DecodeError) in
                try Transform(reading: &inner, bytes, problem: &problem)
            }
            if count != transforms.count, problem == nil {
                problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "transform count")
            }
        }
    }

    /// A transform (RFC 7296 section 3.3.2): one algorithm.
    ///
    ///     |  0 (last) / 3 |   RESERVED    |       Transform Length        |  4
    ///     | Transform Type|   RESERVED    |         Transform ID          |  4
    ///     ~                          Attributes                           ~
    public struct Transform: Hashable, Sendable {
        public var type: TransformType
        /// What it means depends on the type: `name`.
        public var id: UInt16
        public var attributes: [Attribute]

        public init(type: TransformType, id: UInt16, attributes: [Attribute] = []) {
            self.type = type
            self.id = id
            self.attributes = attributes
        }

        /// The Key Length attribute, in bits (RFC 7296 section 3.3.5); nil for a transform without it.
        public var keyLength: UInt16? {
            attributes.first { $0.type == TransformAttribute.keyLength.rawValue }?.number.flatMap(
                UInt16.init(exactly:))
        }

        /// The registry's name of the algorithm; nil for one that no registry knows.
        public var name: String? { TransformID.name(of: id, type: type) }

        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            type = try reader.code(bytes, "transform type")
            _ = try reader.u8(bytes, "reserved")
            id = try reader.u16(bytes, "transform ID")
            reader.recorder?.interpret(.code(UInt64(id), TransformID.name(of: id, type: type)))
            attributes = Attribute.list(reading: &reader, bytes, in: .ikev2Transform, problem: &problem)
        }
    }
}
