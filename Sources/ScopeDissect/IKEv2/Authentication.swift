import ScopeWire

extension IKEv2 {
    /// The proof of who the sender is (RFC 7296 section 3.8).
    ///
    ///     | Auth Method   |                RESERVED                       |  4
    ///     ~                      Authentication Data                      ~
    public struct Authentication: Hashable, Sendable {
        public var method: AuthenticationMethod
        /// Offsets of the MIC or of the signature alone.
        public var data: Range<Int>
        /// The algorithm that stands before a signature of method 14 (RFC 7427 section 3).
        public var algorithm: SignatureAlgorithm?

        public init(method: AuthenticationMethod, data: Range<Int>, algorithm: SignatureAlgorithm?) {
            self.method = method
            self.data = data
            self.algorithm = algorithm
        }

        /// Reads the body; `problem` tells of an algorithm that does not decode.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            method = try reader.code(bytes, "method")
            _ = try reader.bytes("reserved", count: 3)
            guard method == .digitalSignature else {
                data = reader.remainder("authentication data")
                return
            }
            let length = Int(try reader.u8(bytes, "algorithm length"))
            let place = try reader.bytes("algorithm", count: length)
            algorithm = SignatureAlgorithm(bytes.copy(place)[...])
            if let algorithm {
                reader.recorder?.interpret(note: algorithm.description)
            } else {
                problem = DecodeError(.badLength(length), at: place.lowerBound, field: "algorithm")
            }
            data = reader.remainder("signature")
        }
    }

    /// How the sender proves who it is (RFC 7296 section 3.8, RFC 4754, RFC 6467, RFC 7619, RFC 7427).
    public struct AuthenticationMethod: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var rsaSignature: Self { Self(rawValue: 1) }
        @inlinable public static var sharedKey: Self { Self(rawValue: 2) }
        @inlinable public static var dssSignature: Self { Self(rawValue: 3) }
        @inlinable public static var ecdsa256: Self { Self(rawValue: 9) }
        @inlinable public static var ecdsa384: Self { Self(rawValue: 10) }
        @inlinable public static var ecdsa521: Self { Self(rawValue: 11) }
        @inlinable public static var securePassword: Self { Self(rawValue: 12) }
        @inlinable public static var null: Self { Self(rawValue: 13) }
        @inlinable public static var digitalSignature: Self { Self(rawValue: 14) }

        public static let names: [Self: String] = [
            .rsaSignature: "RSA digital signature", .sharedKey: "shared key MIC",
            .dssSignature: "DSS digital signature", .ecdsa256: "ECDSA-256", .ecdsa384: "ECDSA-384",
            .ecdsa521: "ECDSA-521", .securePassword: "generic secure password", .null: "NULL",
            .digitalSignature: "digital signature",
        ]
    }
}
