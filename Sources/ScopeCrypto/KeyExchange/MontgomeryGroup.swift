import COpenSSL

/// Curve25519 and Curve448 (RFC 8031).
package final class MontgomeryGroup: KeyExchangeGroup {
    package let publicLength: Int
    package var sharedLength: Int { publicLength }
    private let algorithm: String

    init(algorithm: String, length: Int) {
        self.algorithm = algorithm
        publicLength = length
    }

    package func publicValue(of exponent: Secret) throws(CryptoError) -> [UInt8] {
        let key = try privateKey(exponent)
        defer { EVP_PKEY_free(key) }
        var value = [UInt8](repeating: 0, count: publicLength)
        var length = value.count
        guard EVP_PKEY_get_raw_public_key(key, &value, &length) == 1, length == publicLength else {
            throw .last("EVP_PKEY_get_raw_public_key")
        }
        return value
    }

    package func shared(_ exponent: Secret, with peer: [UInt8]) throws(CryptoError) -> Secret {
        let key = try privateKey(exponent)
        defer { EVP_PKEY_free(key) }
        guard let other = EVP_PKEY_new_raw_public_key_ex(nil, algorithm, nil, peer, peer.count) else {
            throw .last("EVP_PKEY_new_raw_public_key_ex")
        }
        defer { EVP_PKEY_free(other) }
        guard let deriving = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
            throw .last("EVP_PKEY_CTX_new_from_pkey")
        }
        defer { EVP_PKEY_CTX_free(deriving) }
        let secret = Secret(count: publicLength)
        var length = publicLength
        let derived = secret.withMutableBytes { bytes in
            EVP_PKEY_derive_init(deriving) == 1 && EVP_PKEY_derive_set_peer(deriving, other) == 1
                && EVP_PKEY_derive(
                    deriving, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &length) == 1
        }
        guard derived, length == publicLength else { throw .last("EVP_PKEY_derive") }
        return secret
    }

    private func privateKey(_ exponent: Secret) throws(CryptoError) -> OpaquePointer {
        guard exponent.count == publicLength else { throw .keyLength(algorithm, bytes: exponent.count) }
        let key = exponent.withBytes { bytes in
            EVP_PKEY_new_raw_private_key_ex(
                nil, algorithm, nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        guard let key else { throw .last("EVP_PKEY_new_raw_private_key_ex") }
        return key
    }
}
