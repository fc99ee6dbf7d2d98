import COpenSSL

/// A group of integers modulo a prime (RFC 2409 section 6, RFC 3526, RFC 5114).
package final class MODPGroup: KeyExchangeGroup {
    package let publicLength: Int
    package var sharedLength: Int { publicLength }
    private let prime: OpaquePointer
    private let generator: OpaquePointer
    private let montgomery: OpaquePointer
    private let context: OpaquePointer

    /// Takes `prime` over; the generator is 2.
    convenience init(prime: OpaquePointer?) throws(CryptoError) {
        guard let generator = BN_new() else { throw .last("BN_new") }
        guard BN_set_word(generator, 2) == 1 else { throw .last("BN_set_word") }
        try self.init(prime: prime, generator: generator)
    }

    /// A group that OpenSSL knows by name (those of RFC 5114 have generators of their own).
    convenience init(named name: String) throws(CryptoError) {
        guard let maker = EVP_PKEY_CTX_new_from_name(nil, "DH", nil) else { throw .last("EVP_PKEY_CTX_new_from_name") }
        defer { EVP_PKEY_CTX_free(maker) }
        var parameters: OpaquePointer?
        var bytes = Array(name.utf8CString)
        let made = bytes.withUnsafeMutableBufferPointer { buffer in
            var values = [
                OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, buffer.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_PKEY_paramgen_init(maker) == 1 && EVP_PKEY_CTX_set_params(maker, &values) == 1
                && EVP_PKEY_generate(maker, &parameters) == 1
        }
        guard made, let parameters else { throw .last("EVP_PKEY_generate") }
        defer { EVP_PKEY_free(parameters) }
        var prime: OpaquePointer?
        var generator: OpaquePointer?
        guard EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_P, &prime) == 1,
            EVP_PKEY_get_bn_param(parameters, OSSL_PKEY_PARAM_FFC_G, &generator) == 1
        else { throw .last("EVP_PKEY_get_bn_param") }
        try self.init(prime: prime, generator: generator)
    }

    private init(prime: OpaquePointer?, generator: OpaquePointer?) throws(CryptoError) {
        guard let prime, let generator, let context = BN_CTX_secure_new() ?? BN_CTX_new(),
            let montgomery = BN_MONT_CTX_new()
        else { throw .last("BN_new") }
        self.prime = prime
        self.generator = generator
        self.context = context
        self.montgomery = montgomery
        publicLength = (Int(BN_num_bits(prime)) + 7) / 8
        guard BN_MONT_CTX_set(montgomery, prime, context) == 1 else { throw .last("BN_MONT_CTX_set") }
    }

    deinit {
        BN_free(prime)
        BN_free(generator)
        BN_MONT_CTX_free(montgomery)
        BN_CTX_free(context)
    }

    package func publicValue(of exponent: Secret) throws(CryptoError) -> [UInt8] {
        let value = try power(generator, exponent)
        return value.withBytes { Array($0) }
    }

    package func shared(_ exponent: Secret, with peer: [UInt8]) throws(CryptoError) -> Secret {
        guard peer.count <= publicLength, let base = BN_bin2bn(peer, CInt(peer.count), nil) else {
            throw .keyLength("the DH group", bytes: peer.count)
        }
        defer { BN_free(base) }
        return try power(base, exponent)
    }

    /// The prime, for tests.
    package var primeBytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: publicLength)
        return BN_bn2binpad(prime, &bytes, CInt(bytes.count)) < 0 ? [] : bytes
    }

    private func power(_ base: OpaquePointer, _ exponent: Secret) throws(CryptoError) -> Secret {
        let number = exponent.withBytes { bytes in
            BN_bin2bn(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(bytes.count), nil)
        }
        guard let number, let result = BN_new() else { throw .last("BN_bin2bn") }
        defer {
            BN_clear_free(number)
            BN_clear_free(result)
        }
        guard BN_mod_exp_mont(result, base, number, prime, context, montgomery) == 1 else {
            throw .last("BN_mod_exp_mont")
        }
        let secret = Secret(count: publicLength)
        let written = secret.withMutableBytes { bytes in
            BN_bn2binpad(result, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CInt(bytes.count))
        }
        guard Int(written) == publicLength else { throw .last("BN_bn2binpad") }
        return secret
    }
}
