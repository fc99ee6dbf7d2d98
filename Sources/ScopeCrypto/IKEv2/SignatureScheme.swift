import COpenSSL
import ScopeDissect
import ScopeModel

/// How the signature of an AUTH payload was made (RFC 7296 section 2.15, RFC 4754, RFC 7427, RFC 8420).
struct SignatureScheme {
    enum Kind: Hashable {
        case rsa
        case rsaPSS
        /// r and s behind each other (RFC 4754 section 7), or in DER (RFC 7427 appendix A.3).
        case ecdsa(isDER: Bool)
        case dsa
        /// Ed25519 or Ed448: the key tells.
        case edwards
    }

    let kind: Kind
    /// The hash algorithms to try; none where the algorithm has its own.
    let hashes: [Digest]
    let signature: [UInt8]

    /// Nil for a method that signs with no key that is known here, or a payload that does not decode.
    init?(_ method: AuthenticationMethod, data: [UInt8]) {
        switch method.credential {
        case .rsaSignature:
            // SHA-1 is the rule; others may be used where they are known to be understood.
            self.init(.rsa, [.sha1, .sha256, .sha384, .sha512], data)
        case .dssSignature: self.init(.dsa, [.sha1], data)
        case .ecdsa256: self.init(.ecdsa(isDER: false), [.sha256], data)
        case .ecdsa384: self.init(.ecdsa(isDER: false), [.sha384], data)
        case .ecdsa521: self.init(.ecdsa(isDER: false), [.sha512], data)
        case .digitalSignature: self.init(identified: data)
        default: return nil
        }
    }

    private init(_ kind: Kind, _ hashes: [Digest], _ signature: [UInt8]) {
        self.kind = kind
        self.hashes = hashes
        self.signature = signature
    }

    /// ASN.1 Length | AlgorithmIdentifier | signature (RFC 7427 section 3).
    private init?(identified data: [UInt8]) {
        guard let length = data.first.map(Int.init), data.count > 1 + length else { return nil }
        let identifier = Array(data[1..<(1 + length)])
        guard let found = Self.algorithms.first(where: { Self.contains(identifier, oid: $0.oid) }) else { return nil }
        var hashes = found.hash.map { [$0] } ?? []
        if found.kind == .rsaPSS {
            // The hash stands in the parameters; SHA-1 where they do not name one (RFC 4055 section 3.1).
            hashes = [Self.hashes.first { Self.holds(identifier, oid: $0.oid) }?.hash ?? .sha1]
        }
        self.init(found.kind, hashes, Array(data[(1 + length)...]))
    }

    private static let algorithms: [(oid: [UInt8], kind: Kind, hash: Digest?)] = [
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5], .rsa, .sha1),
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], .rsaPSS, nil),
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], .rsa, .sha256),
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12], .rsa, .sha384),
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13], .rsa, .sha512),
        ([0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3], .dsa, .sha1),
        ([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2], .dsa, .sha256),
        ([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1], .ecdsa(isDER: true), .sha1),
        ([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], .ecdsa(isDER: true), .sha256),
        ([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], .ecdsa(isDER: true), .sha384),
        ([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], .ecdsa(isDER: true), .sha512),
        ([0x2b, 0x65, 0x70], .edwards, nil), ([0x2b, 0x65, 0x71], .edwards, nil),
    ]

    private static let hashes: [(oid: [UInt8], hash: Digest)] = [
        ([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], .sha256), ([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], .sha384),
        ([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], .sha512), ([0x2b, 0x0e, 3, 2, 0x1a], .sha1),
    ]

    /// SEQUENCE { OBJECT IDENTIFIER `oid`, … }, of less than 128 bytes.
    private static func contains(_ identifier: [UInt8], oid: [UInt8]) -> Bool {
        let head: [UInt8] = [0x06, UInt8(oid.count)] + oid
        return identifier.count >= 2 + head.count && identifier[0] == 0x30
            && Array(identifier[2..<(2 + head.count)]) == head
    }

    /// Whether `oid` stands anywhere in the parameters: there are no two hash algorithms in them that differ.
    private static func holds(_ identifier: [UInt8], oid: [UInt8]) -> Bool {
        let wanted: [UInt8] = [0x06, UInt8(oid.count)] + oid
        guard identifier.count >= wanted.count else { return false }
        return (0...(identifier.count - wanted.count)).contains {
            Array(identifier[$0..<($0 + wanted.count)]) == wanted
        }
    }

    // MARK: Checking

    /// The first of some certificates or keys that the signature over `octets` fits.
    func signer<Signer: SignatureKey>(of octets: [UInt8], among signers: [Signer]) -> Signer? {
        guard !signature.isEmpty else { return nil }
        defer { ERR_clear_error() }
        return signers.first { signer in
            guard let key = signer.key, isFor(key) else { return false }
            if kind == .edwards { return verifies(octets, key, nil) }
            return hashes.contains { verifies(octets, key, $0) }
        }
    }

    /// Whether this is a kind of key that makes such signatures.
    func isFor(_ key: OpaquePointer) -> Bool {
        let type = EVP_PKEY_get_base_id(key)
        return switch kind {
        case .rsa: type == EVP_PKEY_RSA
        case .rsaPSS: type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS
        case .ecdsa: type == EVP_PKEY_EC
        case .dsa: type == EVP_PKEY_DSA
        case .edwards: type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448
        }
    }

    private func verifies(_ octets: [UInt8], _ key: OpaquePointer, _ hash: Digest?) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        let digest = hash.flatMap { Fetched.digest($0) }
        if hash != nil, digest == nil { return false }
        var keyContext: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &keyContext, digest, nil, key) == 1 else { return false }
        if kind == .rsaPSS {
            // -2: whatever length of salt the signature has.
            guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, -2) == 1
            else { return false }
        }
        guard let encoded = encoded(for: key) else { return false }
        return EVP_DigestVerify(context, encoded, encoded.count, octets, octets.count) == 1
    }

    /// The signature in the form that OpenSSL takes.
    private func encoded(for key: OpaquePointer) -> [UInt8]? {
        switch kind {
        case .rsa, .rsaPSS, .edwards, .ecdsa(isDER: true): return signature
        case .ecdsa(isDER: false):
            let size = (Int(EVP_PKEY_get_bits(key)) + 7) / 8
            guard signature.count == 2 * size else { return nil }
            return DERSignature.sequence(Array(signature.prefix(size)), Array(signature.suffix(size)))
        case .dsa:
            // r and s of 20 bytes each (RFC 7296 section 3.8), or DER.
            guard signature.count == 40 else { return signature }
            return DERSignature.sequence(Array(signature.prefix(20)), Array(signature.suffix(20)))
        }
    }
}
