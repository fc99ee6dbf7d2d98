import ScopeWire

extension IKEv2 {
    /// The gateway that a client is sent to, or was sent from (RFC 5685 section 7).
    ///
    ///     | GW Ident Type | GW Ident Len  |  identity ~
    public enum Gateway: Hashable, Sendable {
        case address(IPAddress)
        /// Text of a peer: to be escaped where it is printed.
        case fqdn(String)
        case other(type: UInt8, [UInt8])

        init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
            let type: GatewayType = try reader.code(bytes, "gateway type")
            let place = reader.at
            let count = Int(try reader.u8(bytes, "gateway length"))
            switch type {
            case .ipv4, .ipv6:
                guard count == (type == .ipv4 ? 4 : 16) else {
                    throw DecodeError(.badLength(count), at: place, field: "gateway length")
                }
                self = .address(try type == .ipv4 ? reader.ipv4(bytes, "gateway") : reader.ipv6(bytes, "gateway"))
            case .fqdn:
                let text = bytes.text(try reader.bytes("gateway", count: count))
                if !text.isEmpty { reader.recorder?.interpret(.text(text)) }
                self = .fqdn(text)
            default: self = .other(type: type.rawValue, bytes.copy(try reader.bytes("gateway", count: count)))
            }
        }
    }

    /// How the gateway of a redirection is named (RFC 5685 section 7.1).
    public struct GatewayType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var ipv4: Self { Self(rawValue: 1) }
        @inlinable public static var ipv6: Self { Self(rawValue: 2) }
        @inlinable public static var fqdn: Self { Self(rawValue: 3) }

        public static let names: [Self: String] = [.ipv4: "IPv4", .ipv6: "IPv6", .fqdn: "FQDN"]
    }

    /// The name of a postquantum preshared key (RFC 8784 section 5.1): not a secret.
    ///
    ///     | PPK_ID Type   |  identity ~
    public struct PPKIdentity: Hashable, Sendable {
        public var type: PPKIdentityType
        /// PPK_ID_FIXED: the name that both peers know; PPK_ID_OPAQUE: bytes that the responder made.
        public var identity: [UInt8]

        public init(type: PPKIdentityType, identity: [UInt8]) {
            self.type = type
            self.identity = identity
        }

        init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
            type = try reader.code(bytes, "PPK_ID type")
            identity = bytes.copy(reader.remainder("PPK_ID"))
        }
    }

    /// Forms of the name of a PPK (RFC 8784 section 5.1).
    public struct PPKIdentityType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var opaque: Self { Self(rawValue: 1) }
        @inlinable public static var fixed: Self { Self(rawValue: 2) }

        public static let names: [Self: String] = [.opaque: "PPK_ID_OPAQUE", .fixed: "PPK_ID_FIXED"]
    }

    /// Methods of authentication with a password (RFC 6467 and the IANA registry).
    public struct SecurePasswordMethod: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let names: [Self: String] = [
            Self(rawValue: 1): "PACE", Self(rawValue: 2): "AugPAKE", Self(rawValue: 3): "Secure PSK",
        ]
    }

    /// One method of SUPPORTED_AUTH_METHODS (RFC 9593 section 3.2).
    ///
    ///     | Length        | Auth Method   | Cert Link: the n-th CERTREQ | AlgorithmIdentifier ~
    public struct AuthenticationAnnouncement: Hashable, Sendable {
        public var method: AuthenticationMethod
        /// Which CERTREQ payload of the message the method goes with, from 1; 0 and nil are all.
        public var certificateLink: UInt8?
        public var algorithm: SignatureAlgorithm?

        public init(method: AuthenticationMethod, certificateLink: UInt8?, algorithm: SignatureAlgorithm?) {
            self.method = method
            self.certificateLink = certificateLink
            self.algorithm = algorithm
        }

        init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
            let place = reader.at
            let length = Int(try reader.u8(bytes, "length"))
            guard length >= 2 else { throw DecodeError(.badLength(length), at: place, field: "length") }
            method = try reader.code(bytes, "method")
            certificateLink = length > 2 ? try reader.u8(bytes, "certificate link") : nil
            guard length > 3 else { return }
            algorithm = SignatureAlgorithm(bytes.copy(try reader.bytes("algorithm", count: length - 3))[...])
            if let algorithm { reader.recorder?.interpret(note: algorithm.description) }
        }
    }

    /// What a DEVICE_IDENTITY is (3GPP TS 24.302 section 8.2.9.2).
    public struct DeviceIdentityType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let names: [Self: String] = [Self(rawValue: 1): "IMEI", Self(rawValue: 2): "IMEISV"]

        /// Decimal digits, the low half of each byte first; 15 fills the last byte.
        static func digits(_ bytes: [UInt8]) -> String {
            let halves = bytes.flatMap { [$0 & 15, $0 >> 4] }
            return halves.allSatisfy({ $0 < 10 || $0 == 15 }) ? halves.filter { $0 < 10 }.map { "\($0)" }.joined() : ""
        }
    }

    /// Attributes of ROHC_SUPPORTED (RFC 5857 section 2.1).
    public struct ROHCAttribute: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let names: [Self: String] = [
            Self(rawValue: 1): "MAX_CID", Self(rawValue: 2): "ROHC_PROFILE", Self(rawValue: 3): "ROHC_INTEG",
            Self(rawValue: 4): "ROHC_ICV_LEN", Self(rawValue: 5): "MRRU",
        ]
    }
}
