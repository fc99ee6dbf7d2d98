import ScopeWire

extension IKEv2 {
    /// An AlgorithmIdentifier of a signature (RFC 7427 section 3, RFC 5280 section 4.1.1.2).
    ///
    ///     SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY DEFINED BY algorithm OPTIONAL }
    public struct SignatureAlgorithm: Hashable, Sendable, CustomStringConvertible {
        public enum Kind: Hashable, Sendable {
            case rsaPKCS1, rsaPSS, dsa, ecdsa, ed25519, ed448
            /// An algorithm that is not in the table: `identifier` names it.
            case other
        }

        /// The object identifier in dotted form.
        public var identifier: String
        public var kind: Kind
        /// The hash of what is signed; nil where the algorithm is not known.
        public var hash: HashAlgorithm?
        /// Bytes of salt, for RSASSA-PSS.
        public var saltLength: Int?

        /// Decodes `der`, which holds nothing else; nil when it does not decode.
        public init?(_ der: ArraySlice<UInt8>) {
            var outer = DERReader(der)
            guard let content = outer.next(DERReader.sequence), outer.isAtEnd else { return nil }
            var fields = DERReader(content)
            guard let identifier = fields.next(DERReader.objectIdentifier).flatMap(DERReader.dotted) else { return nil }
            self.identifier = identifier
            if identifier == Self.pss {
                kind = .rsaPSS
                guard let parameters = Self.pssParameters(&fields) else { return nil }
                hash = parameters.hash
                saltLength = parameters.saltLength
            } else if let (kind, hash) = Self.known[identifier] {
                self.kind = kind
                self.hash = hash
            } else {
                kind = .other
            }
        }

        /// `RSASSA-PSS with SHA2-256`, `ECDSA with SHA2-384`, `Ed25519`; the identifier of one that is not known.
        public var description: String {
            let word =
                switch kind {
                case .rsaPKCS1: "RSA PKCS #1 v1.5"
                case .rsaPSS: "RSASSA-PSS"
                case .dsa: "DSA"
                case .ecdsa: "ECDSA"
                case .ed25519: "Ed25519"
                case .ed448: "Ed448"
                case .other: Self.names[identifier] ?? identifier
                }
            guard let hash, hash != .identity else { return word }
            return "\(word) with \(hash.name ?? "\(hash)")"
        }

        /// Hash and salt length of RSASSA-PSS; what is left out is SHA-1 and 20 (RFC 4055 section 3.1).
        private static func pssParameters(_ fields: inout DERReader) -> (hash: HashAlgorithm?, saltLength: Int)? {
            var hash: HashAlgorithm? = .sha1
            var saltLength = 20
            guard !fields.isAtEnd else { return (hash, saltLength) }
            guard let content = fields.next(DERReader.sequence) else { return nil }
            var parameters = DERReader(content)
            while let parameter = parameters.next() {
                var inner = DERReader(parameter.content)
                switch parameter.tag {
                case 0xA0:
                    var algorithm = DERReader(inner.next(DERReader.sequence) ?? [])
                    hash = algorithm.next(DERReader.objectIdentifier).flatMap(DERReader.dotted).flatMap { hashes[$0] }
                case 0xA2:
                    guard let number = inner.next(0x02), (1...4).contains(number.count) else { return nil }
                    saltLength = Int(bytes: number)
                default: break
                }
            }
            return parameters.isAtEnd ? (hash, saltLength) : nil
        }

        private static let pss = "1.2.840.113549.1.1.10"

        /// RFC 7427 appendix A, RFC 8420 section 3.
        private static let known: [String: (Kind, HashAlgorithm)] = [
            "1.2.840.113549.1.1.5": (.rsaPKCS1, .sha1), "1.2.840.113549.1.1.11": (.rsaPKCS1, .sha256),
            "1.2.840.113549.1.1.12": (.rsaPKCS1, .sha384), "1.2.840.113549.1.1.13": (.rsaPKCS1, .sha512),
            "1.2.840.10040.4.3": (.dsa, .sha1), "2.16.840.1.101.3.4.3.2": (.dsa, .sha256),
            "1.2.840.10045.4.1": (.ecdsa, .sha1), "1.2.840.10045.4.3.2": (.ecdsa, .sha256),
            "1.2.840.10045.4.3.3": (.ecdsa, .sha384), "1.2.840.10045.4.3.4": (.ecdsa, .sha512),
            "1.3.101.112": (.ed25519, .identity), "1.3.101.113": (.ed448, .identity),
        ]

        private static let hashes: [String: HashAlgorithm] = [
            "1.3.14.3.2.26": .sha1, "2.16.840.1.101.3.4.2.1": .sha256, "2.16.840.1.101.3.4.2.2": .sha384,
            "2.16.840.1.101.3.4.2.3": .sha512,
        ]

        /// Algorithms that are named only (RFC 9881, RFC 9909, RFC 9385).
        private static let names: [String: String] = [
            "2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
            "2.16.840.1.101.3.4.3.19": "ML-DSA-87", "1.2.643.7.1.1.3.2": "GOST3410_2012_256",
            "1.2.643.7.1.1.3.3": "GOST3410_2012_512",
        ]
    }

    /// Hashes that signatures may be made with (RFC 7427 section 7, RFC 8420, RFC 9385).
    public struct HashAlgorithm: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var sha1: Self { Self(rawValue: 1) }
        @inlinable public static var sha256: Self { Self(rawValue: 2) }
        @inlinable public static var sha384: Self { Self(rawValue: 3) }
        @inlinable public static var sha512: Self { Self(rawValue: 4) }
        /// The message itself, for algorithms that hash it themselves.
        @inlinable public static var identity: Self { Self(rawValue: 5) }

        public static let names: [Self: String] = [
            .sha1: "SHA1", .sha256: "SHA2-256", .sha384: "SHA2-384", .sha512: "SHA2-512", .identity: "Identity",
            Self(rawValue: 6): "STREEBOG_256", Self(rawValue: 7): "STREEBOG_512",
        ]
    }
}
