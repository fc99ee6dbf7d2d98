import ScopeWire

extension IKEv2 {
    /// What the responder configures on the initiator, or is asked to (RFC 7296 section 3.15).
    ///
    ///     |   CFG Type    |                    RESERVED                   |  4
    ///     ~                   Configuration Attributes                    ~
    public struct Configuration: Hashable, Sendable {
        public var type: ConfigurationType
        /// In wire order; an empty one in a request asks for any value.
        public var attributes: [Attribute]

        public init(type: ConfigurationType, attributes: [Attribute]) {
            self.type = type
            self.attributes = attributes
        }

        /// Reads the body; attributes before the first one that does not decode are kept, and `problem` says why.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            type = try reader.code(bytes, "type")
            _ = try reader.bytes("reserved", count: 3)
            attributes = Attribute.list(reading: &reader, bytes, in: .ikev2Configuration, problem: &problem)
        }
    }

    /// The type of a configuration payload.
    public struct ConfigurationType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var request: Self { Self(rawValue: 1) }
        @inlinable public static var reply: Self { Self(rawValue: 2) }
        @inlinable public static var set: Self { Self(rawValue: 3) }
        @inlinable public static var acknowledge: Self { Self(rawValue: 4) }

        public static let names: [Self: String] = [
            .request: "CFG_REQUEST", .reply: "CFG_REPLY", .set: "CFG_SET", .acknowledge: "CFG_ACK",
        ]
    }
}
