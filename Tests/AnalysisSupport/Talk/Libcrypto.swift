import COpenSSL

/// What the builder reckons with: libcrypto itself, so that nothing of the code under test makes its own expectation.
enum Libcrypto {
    static func hash(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        guard EVP_Digest(bytes, bytes.count, &output, &count, EVP_get_digestbyname(name), nil) == 1 else { return [] }
        return Array(output.prefix(Int(count)))
    }

    static func hmac(_ name: String, _ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 64)
        var count = 0
        let made = EVP_Q_mac(
            nil, "HMAC", nil, name, nil, key, key.count, bytes, bytes.count, &output, output.count, &count)
        return made == nil ? [] : Array(output.prefix(count))
    }

    /// CBC without padding; nil where the lengths do not fit.
    static func cbc(_ cipher: String, key: [UInt8], iv: [UInt8], _ bytes: [UInt8], encrypts: Bool) -> [UInt8]? {
        guard let algorithm = EVP_get_cipherbyname(cipher), let context = EVP_CIPHER_CTX_new(),
            Int(EVP_CIPHER_get_key_length(algorithm)) == key.count,
            Int(EVP_CIPHER_get_iv_length(algorithm)) == iv.count, bytes.count % iv.count == 0, !bytes.isEmpty
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: bytes.count + iv.count)
        var count: CInt = 0
        guard EVP_CipherInit_ex(context, algorithm, nil, key, iv, encrypts ? 1 : 0) == 1,
            EVP_CIPHER_CTX_set_padding(context, 0) == 1,
            EVP_CipherUpdate(context, &output, &count, bytes, CInt(bytes.count)) == 1, Int(count) == bytes.count
        else { return nil }
        return Array(output.prefix(bytes.count))
    }

    /// `base` to the power `exponent` in a group of RFC 2409 and RFC 3526; nil for another group.
    static func power(_ base: [UInt8], _ exponent: [UInt8], group: UInt32) -> [UInt8]? {
        let prime: OpaquePointer? =
            switch group {
            case 1: BN_get_rfc2409_prime_768(nil)
            case 2: BN_get_rfc2409_prime_1024(nil)
            case 5: BN_get_rfc3526_prime_1536(nil)
            case 14: BN_get_rfc3526_prime_2048(nil)
            default: nil
            }
        let (result, context) = (BN_new(), BN_CTX_new())
        let (a, b) = (
            BN_bin2bn(base, CInt(base.count), nil), BN_bin2bn(exponent, CInt(exponent.count), nil)
        )
        defer {
            for number in [prime, result, a, b] { BN_free(number) }
            BN_CTX_free(context)
        }
        guard let prime, BN_mod_exp(result, a, b, prime, context) == 1 else { return nil }
        let length = (Int(BN_num_bits(prime)) + 7) / 8
        var output = [UInt8](repeating: 0, count: length)
        return BN_bn2binpad(result, &output, CInt(length)) == CInt(length) ? output : nil
    }

    static let generator: [UInt8] = [2]
}
