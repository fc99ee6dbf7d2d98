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

        /// Nil for an algorithm that is named only.
        fileprivate init?(_ kind: IKEv2.SignatureAlgorithm.Kind) {
            switch kind {
            case .rsaPKCS1: self = .rsa
            case .rsaPSS: self = .rsaPSS
            case .dsa: self = .dsa
            case .ecdsa: self = .ecdsa(isDER: true)
            case .ed25519, .ed448: self = .edwards
            case .other: return nil
            }
        }
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
        guard let length = data.first.map(Int.init), data.count > 1 + length,
            let algorithm = IKEv2.SignatureAlgorithm(data[1..<(1 + length)]), let kind = Kind(algorithm.kind)
        else { return nil }
        let hash = algorithm.hash.flatMap { Digest(Hash(ikev2: $0.rawValue)) }
        guard hash != nil || kind == .edwards else { return nil }
        self.init(kind, hash.map { [$0] } ?? [], Array(data[(1 + length)...]))
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
