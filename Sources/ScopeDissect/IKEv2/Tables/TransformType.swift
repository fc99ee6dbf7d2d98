import ScopeWire

extension IKEv2 {
    /// What kind of algorithm a transform is (RFC 7296 section 3.3.2, RFC 9370, RFC 9838).
    public struct TransformType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var encryption: Self { Self(rawValue: 1) }
        @inlinable public static var prf: Self { Self(rawValue: 2) }
        @inlinable public static var integrity: Self { Self(rawValue: 3) }
        @inlinable public static var keyExchange: Self { Self(rawValue: 4) }
        @inlinable public static var sequenceNumbers: Self { Self(rawValue: 5) }
        @inlinable public static var additionalKeyExchange1: Self { Self(rawValue: 6) }
        @inlinable public static var additionalKeyExchange2: Self { Self(rawValue: 7) }
        @inlinable public static var additionalKeyExchange3: Self { Self(rawValue: 8) }
        @inlinable public static var additionalKeyExchange4: Self { Self(rawValue: 9) }
        @inlinable public static var additionalKeyExchange5: Self { Self(rawValue: 10) }
        @inlinable public static var additionalKeyExchange6: Self { Self(rawValue: 11) }
        @inlinable public static var additionalKeyExchange7: Self { Self(rawValue: 12) }
        @inlinable public static var keyWrap: Self { Self(rawValue: 13) }
        @inlinable public static var groupAuthentication: Self { Self(rawValue: 14) }

        /// ADDKE1 to ADDKE7, in the order in which the additional key exchanges take place (RFC 9370 section 2.2.2).
        public static let additionalKeyExchanges = (UInt8(6)...12).map { Self(rawValue: $0) }

        public static let names: [Self: String] = [
            .encryption: "ENCR",
            .prf: "PRF",
            .integrity: "INTEG",
            .keyExchange: "KE",
            .sequenceNumbers: "SN",
            .additionalKeyExchange1: "ADDKE1",
            .additionalKeyExchange2: "ADDKE2",
            .additionalKeyExchange3: "ADDKE3",
            .additionalKeyExchange4: "ADDKE4",
            .additionalKeyExchange5: "ADDKE5",
            .additionalKeyExchange6: "ADDKE6",
            .additionalKeyExchange7: "ADDKE7",
            .keyWrap: "KWA",
            .groupAuthentication: "GCAUTH",
        ]
    }

    /// Attributes of transforms (RFC 7296 section 3.3.5).
    public struct TransformAttribute: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var keyLength: Self { Self(rawValue: 14) }

        public static let names: [Self: String] = [
            .keyLength: "Key Length"
        ]
    }

    /// Transform ids: their meaning depends on the type of the transform.
    public enum TransformID {
        /// The registry's name of a transform of `type`; nil for what no registry knows.
        public static func name(of id: UInt16, type: TransformType) -> String? {
            switch type {
            case .encryption: EncryptionTransform(rawValue: id).name
            case .prf: PRFTransform(rawValue: id).name
            case .integrity: IntegrityTransform(rawValue: id).name
            case .sequenceNumbers: SequenceNumbersTransform(rawValue: id).name
            case .keyWrap: KeyWrapTransform(rawValue: id).name
            case .groupAuthentication: GroupAuthenticationTransform(rawValue: id).name
            case .keyExchange: group(id)
            default: TransformType.additionalKeyExchanges.contains(type) ? group(id) : nil
            }
        }

        private static func group(_ id: UInt16) -> String? { id == 0 ? "NONE" : DHGroup(rawValue: id).name }
    }
}
