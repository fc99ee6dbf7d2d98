import TestSupport

/// The body of an SA payload as values (RFC 2408 sections 3.4 to 3.6).
public struct MadeAssociation: Sendable, Equatable {
    public struct Value: Sendable, Equatable {
        public var type: UInt16
        public var bytes: [UInt8]
        /// Two bytes in place of the length.
        public var isShort: Bool

        public init(type: UInt16, bytes: [UInt8], isShort: Bool) {
            (self.type, self.bytes, self.isShort) = (type, bytes, isShort)
        }
    }

    public struct Transform: Sendable, Equatable {
        public var number: UInt8
        public var id: UInt8
        public var attributes: [Value] = []

        public init(number: UInt8, id: UInt8, attributes: [Value] = []) {
            (self.number, self.id, self.attributes) = (number, id, attributes)
        }
    }

    public struct Proposal: Sendable, Equatable {
        public var number: UInt8
        public var protocolID: UInt8
        public var spi: [UInt8]
        public var transforms: [Transform]

        public init(number: UInt8, protocolID: UInt8, spi: [UInt8], transforms: [Transform]) {
            (self.number, self.protocolID, self.spi, self.transforms) = (number, protocolID, spi, transforms)
        }
    }

    /// An attribute of a transform, by its number: RFC 2409 appendix A, and RFC 2407 section 4.5 for child SAs.
    public struct Attribute: Sendable, Equatable {
        public var number: UInt16

        public init(number: UInt16) { self.number = number }

        public static let encryption = Attribute(number: 1)
        public static let hash = Attribute(number: 2)
        public static let authentication = Attribute(number: 3)
        public static let group = Attribute(number: 4)
        public static let lifeType = Attribute(number: 11)
        public static let lifeDuration = Attribute(number: 12)
        public static let keyLength = Attribute(number: 14)

        public static let childLifeType = Attribute(number: 1)
        public static let childLifeDuration = Attribute(number: 2)
        public static let childGroup = Attribute(number: 3)
        public static let encapsulation = Attribute(number: 4)
        public static let integrity = Attribute(number: 5)
        public static let childKeyLength = Attribute(number: 6)
        public static let extendedSequence = Attribute(number: 11)
    }

    public var doi: UInt32 = 1
    public var situation: UInt32 = 1
    public var proposals: [Proposal]

    public init(doi: UInt32 = 1, proposals: [Proposal]) { (self.doi, self.proposals) = (doi, proposals) }

    /// Nil for what is no SA payload of the IPsec DOI.
    public init?(_ body: [UInt8]) {
        var reader = MadeReader(body)
        guard let doi = reader.u32(), let situation = reader.u32() else { return nil }
        (self.doi, self.situation, proposals) = (doi, situation, [])
        while reader.left > 0 {
            guard reader.take(2) != nil, let length = reader.u16(), let number = reader.u8(),
                let protocolID = reader.u8(),
                let size = reader.u8(), let count = reader.u8(), let spi = reader.take(Int(size)),
                let rest = reader.take(Int(length) - 8 - Int(size)), let transforms = Self.transforms(rest),
                transforms.count == count
            else { return nil }
            proposals.append(
                Proposal(number: number, protocolID: protocolID, spi: spi, transforms: transforms))
        }
    }

    private static func transforms(_ bytes: [UInt8]) -> [Transform]? {
        var reader = MadeReader(bytes)
        var transforms: [Transform] = []
        while reader.left > 0 {
            guard reader.take(2) != nil, let length = reader.u16(), let number = reader.u8(), let id = reader.u8(),
                reader.take(2) != nil, let rest = reader.take(Int(length) - 8), let values = values(rest)
            else { return nil }
            transforms.append(Transform(number: number, id: id, attributes: values))
        }
        return transforms
    }

    private static func values(_ bytes: [UInt8]) -> [Value]? {
        var reader = MadeReader(bytes)
        var values: [Value] = []
        while reader.left > 0 {
            guard let type = reader.u16(), let second = reader.u16() else { return nil }
            if type & 0x8000 != 0 {
                values.append(Value(type: type & 0x7fff, bytes: Packets.u16(Int(second)), isShort: true))
            } else {
                guard let bytes = reader.take(Int(second)) else { return nil }
                values.append(Value(type: type, bytes: bytes, isShort: false))
            }
        }
        return values
    }

    public var bytes: [UInt8] {
        Packets.u32(Int(doi)) + Packets.u32(Int(situation))
            + proposals.enumerated().flatMap { index, proposal -> [UInt8] in
                let transforms = proposal.transforms.enumerated().flatMap { index, transform -> [UInt8] in
                    let values = transform.attributes.flatMap { value in
                        Packets.u16(Int(value.type) | (value.isShort ? 0x8000 : 0))
                            + (value.isShort ? [] : Packets.u16(value.bytes.count)) + value.bytes
                    }
                    return [index + 1 < proposal.transforms.count ? 3 : 0, 0] + Packets.u16(8 + values.count)
                        + [transform.number, transform.id, 0, 0] + values
                }
                let length = 8 + proposal.spi.count + transforms.count
                return [index + 1 < proposals.count ? 2 : 0, 0] + Packets.u16(length)
                    + [
                        proposal.number, proposal.protocolID, UInt8(proposal.spi.count),
                        UInt8(proposal.transforms.count),
                    ]
                    + proposal.spi + transforms
            }
    }

    // MARK: Values

    public func value(_ attribute: Attribute) -> UInt32? {
        proposals.first?.transforms.first?.attributes.first { $0.type == attribute.number }?.bytes
            .reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// In the form that it has in each transform; short where it is new and fits.
    public mutating func set(_ attribute: Attribute, to value: UInt32) {
        for proposal in proposals.indices {
            for transform in proposals[proposal].transforms.indices {
                proposals[proposal].transforms[transform].set(attribute, to: value)
            }
        }
    }
}

extension MadeAssociation.Transform {
    public mutating func set(_ attribute: MadeAssociation.Attribute, to value: UInt32) {
        let isShort = value < 0x1_0000
        let bytes = isShort ? Packets.u16(Int(value)) : Packets.u32(Int(value))
        let new = MadeAssociation.Value(type: attribute.number, bytes: bytes, isShort: isShort)
        guard let place = attributes.firstIndex(where: { $0.type == attribute.number }) else {
            attributes.append(new)
            return
        }
        let old = attributes[place]
        attributes[place] = new
        if !old.isShort {
            attributes[place] = MadeAssociation.Value(type: old.type, bytes: Packets.u32(Int(value)), isShort: false)
        }
    }
}
