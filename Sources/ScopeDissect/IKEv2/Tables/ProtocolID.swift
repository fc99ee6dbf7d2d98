import ScopeWire

extension IKEv2 {
    /// The protocol that a proposal, notification or delete speaks of (RFC 7296 section 3.3.1, RFC 4595, RFC 9838).
    public struct ProtocolID: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var ike: Self { Self(rawValue: 1) }
        @inlinable public static var ah: Self { Self(rawValue: 2) }
        @inlinable public static var esp: Self { Self(rawValue: 3) }

        public static let names: [Self: String] = [
            .ike: "IKE",
            .ah: "AH",
            .esp: "ESP",
            Self(rawValue: 4): "FC_ESP_HEADER",
            Self(rawValue: 5): "FC_CT_AUTHENTICATION",
            Self(rawValue: 6): "GIKE_UPDATE",
        ]
    }
}
