import COpenSSL
import ScopeDissect

/// SIG_I and SIG_R (RFC 2409 section 5.1, RFC 4754): finds the certificate whose key a signature over the HASH fits.
///
/// Who issued the certificate is not asked: nobody but the peers knows whom they trust.
struct SignatureProof {
    let signature: [UInt8]
    /// The hash algorithm that was agreed on.
    let negotiated: Digest
    /// HASH_I or HASH_R with the HMAC version of a hash algorithm.
    let hash: (Digest) -> [UInt8]?

    /// The first certificate whose key the signature fits.
    func signer(among certificates: [X509Object]) -> X509Object? {
        guard !signature.isEmpty else { return nil }
        defer { ERR_clear_error() }
        return certificates.first { certificate in
            guard let key = certificate.key else { return false }
            return switch EVP_PKEY_get_base_id(key) {
            case EVP_PKEY_RSA: fitsRSA(key)
            case EVP_PKEY_DSA: fitsDSA(key)
            case EVP_PKEY_EC: fitsECDSA(key)
            default: false
            }
        }
    }

    /// Whether the certificate's key is of a kind whose signatures are checked.
    static func canCheck(_ certificate: X509Object) -> Bool {
        certificate.key.map { [EVP_PKEY_RSA, EVP_PKEY_DSA, EVP_PKEY_EC].contains(EVP_PKEY_get_base_id($0)) } ?? false
    }

    // MARK: RSA

    /// The HASH in PKCS #1 padding, without the name of an algorithm.
    private func fitsRSA(_ key: OpaquePointer) -> Bool {
        guard let wanted = hash(negotiated), let context = EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_recover_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        else { return false }
        var length = Int(EVP_PKEY_get_size(key))
        guard length > 0, length <= 4096 else { return false }
        var plain = [UInt8](repeating: 0, count: length)
        guard EVP_PKEY_verify_recover(context, &plain, &length, signature, signature.count) == 1 else { return false }
        return Array(plain.prefix(length)) == wanted
    }

    // MARK: DSS and ECDSA

    /// r and s of the size of the subgroup's order.
    ///
    /// DSS is tied to SHA-1, so the HASH is made with its HMAC (RFC 2409 section 5).  Whether SHA-1 goes over that HASH
    /// once more is left open there: FIPS 186 hashes what it signs, ECDSA's RFC takes the HASH for the digest.
    private func fitsDSA(_ key: OpaquePointer) -> Bool {
        var order: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_Q, &order) == 1, let order else { return false }
        defer { BN_free(order) }
        return fits(key, integers: (Int(BN_num_bits(order)) + 7) / 8, tied: .sha1)
    }

    /// r and s of the size of the field (RFC 4754 section 7): 32, 48 or 66 bytes, with the curve's hash algorithm.
    private func fitsECDSA(_ key: OpaquePointer) -> Bool {
        let bits = Int(EVP_PKEY_get_bits(key))
        let tied: Digest? = [256: .sha256, 384: .sha384, 521: .sha512][bits]
        return fits(key, integers: (bits + 7) / 8, tied: tied ?? negotiated)
    }

    private func fits(_ key: OpaquePointer, integers size: Int, tied: Digest) -> Bool {
        let der: [UInt8]
        if signature.count == 2 * size {
            der = DERSignature.sequence(Array(signature.prefix(size)), Array(signature.suffix(size)))
        } else if signature.first == 0x30 {
            // The RFCs do not ask for DER, but some libraries give nothing else.
            der = signature
        } else {
            return false
        }
        for algorithm in Set([tied, negotiated]) {
            guard let digest = hash(algorithm) else { continue }
            if verifies(der, digest, key) { return true }
            if let again = try? tied.hash([.bytes(digest)]), verifies(der, again, key) { return true }
        }
        return false
    }

    private func verifies(_ der: [UInt8], _ digest: [UInt8], _ key: OpaquePointer) -> Bool {
        guard let context = EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_verify_init(context) == 1 else { return false }
        return EVP_PKEY_verify(context, der, der.count, digest, digest.count) == 1
    }
}
