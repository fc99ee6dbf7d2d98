import COpenSSL
import ScopeDissect

/// SIG_I and SIG_R with RSA (RFC 2409 section 5.1): the HASH in PKCS #1 padding, without the name of an algorithm.
enum SignatureProof {
    /// Larger certificates are no honest peer's.
    private static let largestCertificate = 1 << 16

    /// True when the signature of `chain` is one over `hash` by the key of a certificate that stands beside it.
    ///
    /// Who issued that certificate is not asked: nobody but the peers knows whom they trust.
    static func fits(_ chain: PayloadChain, over hash: Secret) -> Bool {
        guard let signature = chain.body(of: .signature), !signature.isEmpty else { return false }
        return chain.all(.certificate).contains { payload in
            guard case .certificate(let content) = payload.content,
                content.encoding == CertificateEncoding.x509Signature.rawValue,
                let recovered = recover(signature, certificate: Array(chain.slice(content.data)))
            else { return false }
            return recovered.count == hash.count
                && hash.withBytes { CRYPTO_memcmp($0.baseAddress, recovered, recovered.count) } == 0
        }
    }

    /// What an RSA signature holds; nil when the certificate has another kind of key, or its key does not fit.
    private static func recover(_ signature: [UInt8], certificate: [UInt8]) -> [UInt8]? {
        guard certificate.count <= largestCertificate else { return nil }
        defer { ERR_clear_error() }
        return certificate.withUnsafeBufferPointer { der -> [UInt8]? in
            var position = der.baseAddress
            guard let x509 = d2i_X509(nil, &position, der.count) else { return nil }
            defer { X509_free(x509) }
            guard let key = X509_get0_pubkey(x509), EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA,
                let context = EVP_PKEY_CTX_new(key, nil)
            else { return nil }
            defer { EVP_PKEY_CTX_free(context) }
            guard EVP_PKEY_verify_recover_init(context) == 1,
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
            else { return nil }
            var length = Int(EVP_PKEY_get_size(key))
            guard length > 0, length <= 4096 else { return nil }
            var plain = [UInt8](repeating: 0, count: length)
            guard EVP_PKEY_verify_recover(context, &plain, &length, signature, signature.count) == 1 else { return nil }
            return Array(plain.prefix(length))
        }
    }
}
