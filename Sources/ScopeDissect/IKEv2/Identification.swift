import ScopeWire

extension IKEv2 {
    /// An identity (RFC 7296 section 3.5): IDi, IDr, and IDg of a group.
    ///
    ///     |    ID Type    |                   RESERVED                    |  4
    ///     ~                     Identification Data                       ~
    public struct Identification: Hashable, Sendable {
        public var type: IdentificationType
        /// Offsets of the identity itself.
        public var data: Range<Int>
        /// The identity decoded; ID_NULL has no bytes (RFC 7619), so it is `other`.
        public var identity: Identity

        public init(type: IdentificationType, data: Range<Int>, identity: Identity) {
            self.type = type
            self.data = data
            self.identity = identity
        }

        /// Reads the body; `problem` tells of an identity whose length does not fit its type, which is kept as bytes.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            type = try reader.code(bytes, "ID type")
            _ = try reader.bytes("reserved", count: 3)
            data = reader.rest
            let raw = bytes.copy(data)
            identity = type.identity(raw)
            _ = reader.remainder("identity")
            switch identity {
            case .address(let address): reader.recorder?.interpret(.address(address))
            case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text):
                if !raw.isEmpty { reader.recorder?.interpret(.text(text)) }
            case .subnet, .range, .keyID: break
            case .other:
                if type.hasFixedForm || type == .null && !raw.isEmpty {
                    problem = DecodeError(.badLength(raw.count), at: data.lowerBound, field: "identification data")
                }
            }
        }
    }

    /// How an identity is written (RFC 7296 section 3.5, RFC 4595, RFC 7619).
    public struct IdentificationType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var ipv4: Self { Self(rawValue: 1) }
        @inlinable public static var fqdn: Self { Self(rawValue: 2) }
        @inlinable public static var rfc822: Self { Self(rawValue: 3) }
        @inlinable public static var ipv6: Self { Self(rawValue: 5) }
        @inlinable public static var derDN: Self { Self(rawValue: 9) }
        @inlinable public static var derGN: Self { Self(rawValue: 10) }
        @inlinable public static var keyID: Self { Self(rawValue: 11) }
        @inlinable public static var fcName: Self { Self(rawValue: 12) }
        @inlinable public static var null: Self { Self(rawValue: 13) }

        /// True for addresses and names in DER, whose bytes may not fit the type.
        var hasFixedForm: Bool { self == .ipv4 || self == .ipv6 || self == .derDN }

        /// The identity that `data` is under this type.
        public func identity(_ data: [UInt8]) -> Identity {
            switch self {
            // These have IKEv1's numbers (RFC 2407 section 4.6.2.1).
            case .ipv4, .fqdn, .rfc822, .ipv6, .derDN, .derGN, .keyID:
                Identity(ScopeDissect.IdentificationType(rawValue: rawValue), data)
            default: .other(data)
            }
        }

        public static let names: [Self: String] = [
            .ipv4: "ID_IPV4_ADDR", .fqdn: "ID_FQDN", .rfc822: "ID_RFC822_ADDR", .ipv6: "ID_IPV6_ADDR",
            .derDN: "ID_DER_ASN1_DN", .derGN: "ID_DER_ASN1_GN", .keyID: "ID_KEY_ID", .fcName: "ID_FC_NAME",
            .null: "ID_NULL",
        ]
    }
}
