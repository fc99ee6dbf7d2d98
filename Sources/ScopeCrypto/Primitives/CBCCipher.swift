import COpenSSL

/// The block ciphers in CBC mode that IKEv1 and ESP use.
package enum CBCCipher: String, CaseIterable, Sendable {
    case des = "DES-CBC"
    case tripleDES = "3DES-CBC"
    case aes = "AES-CBC"
    case camellia = "CAMELLIA-CBC"
    case blowfish = "BLOWFISH-CBC"
    case cast = "CAST-CBC"

    /// Bytes of a block, and of the IV.
    package var blockLength: Int {
        switch self {
        case .des, .tripleDES, .blowfish, .cast: 8
        case .aes, .camellia: 16
        }
    }

    /// The length of its key when none is negotiated.
    package var defaultKeyLength: Int {
        switch self {
        case .des: 8
        case .tripleDES: 24
        case .aes, .camellia, .blowfish, .cast: 16
        }
    }

    package func allows(keyLength: Int) -> Bool {
        switch self {
        case .des: keyLength == 8
        case .tripleDES: keyLength == 24
        case .aes, .camellia: keyLength == 16 || keyLength == 24 || keyLength == 32
        case .blowfish: (5...56).contains(keyLength)
        case .cast: (5...16).contains(keyLength)
        }
    }

    /// `AES-CBC-256`: what people call it.
    package func name(keyLength: Int) -> String {
        switch self {
        case .des, .tripleDES: rawValue
        case .aes, .camellia, .blowfish, .cast: "\(rawValue)-\(keyLength * 8)"
        }
    }

    fileprivate func opensslName(keyLength: Int) -> String {
        switch self {
        case .des, .tripleDES: "DES-EDE3-CBC"
        case .aes: "AES-\(keyLength * 8)-CBC"
        case .camellia: "CAMELLIA-\(keyLength * 8)-CBC"
        case .blowfish: "BF-CBC"
        case .cast: "CAST5-CBC"
        }
    }

    fileprivate func fetched(keyLength: Int) throws(CryptoError) -> OpaquePointer {
        if self == .blowfish || self == .cast { _ = Providers.legacyIsLoaded }
        guard let cipher = Fetched.cipher(opensslName(keyLength: keyLength)) else {
            throw .unavailable(name(keyLength: keyLength))
        }
        return cipher
    }
}

/// Decrypts CBC under one key, which is scheduled once; padding is the protocol's business.
package final class CBCDecryptor {
    package let cipher: CBCCipher
    package let blockLength: Int
    private let context: OpaquePointer

    package init(_ cipher: CBCCipher, key: Secret) throws(CryptoError) {
        guard cipher.allows(keyLength: key.count) else { throw .keyLength(cipher.rawValue, bytes: key.count) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .last("EVP_CIPHER_CTX_new") }
        self.cipher = cipher
        self.context = context
        blockLength = cipher.blockLength
        let algorithm = try cipher.fetched(keyLength: key.count)
        guard EVP_DecryptInit_ex2(context, algorithm, nil, nil, nil) == 1,
            EVP_CIPHER_CTX_set_padding(context, 0) == 1
        else { throw .last("EVP_DecryptInit_ex2") }
        // Single DES is 3DES under the key three times, which the default provider has.
        let key = cipher == .des ? key.repeated(3) : key
        if cipher == .blowfish || cipher == .cast {
            guard EVP_CIPHER_CTX_set_key_length(context, CInt(key.count)) == 1 else {
                throw .last("EVP_CIPHER_CTX_set_key_length")
            }
        }
        let keyed = key.withBytes { bytes in
            EVP_DecryptInit_ex2(
                context, nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil)
        }
        guard keyed == 1 else { throw .last("EVP_DecryptInit_ex2") }
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Decrypts `count` bytes, a multiple of the block, in one go; false when OpenSSL refuses.
    @inline(__always)
    func decrypt(
        iv: UnsafePointer<UInt8>, _ input: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard count > 0 else { return true }
        var written: CInt = 0
        return EVP_DecryptInit_ex2(context, nil, nil, iv, nil) == 1
            && EVP_DecryptUpdate(context, output, &written, input, CInt(truncatingIfNeeded: count)) == 1
            && Int(written) == count
    }

    /// Decrypts `count` bytes, a multiple of the block, behind their IV at `input`, as ESP has them; writes a block of
    /// nothing before the plaintext at `output`.
    ///
    /// The IV goes through the cipher as the block before the first one, which is all that CBC asks of it: setting it
    /// takes longer than decrypting a short packet.
    @inline(__always)
    func decrypt(behindIV input: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>) -> Bool {
        let all = blockLength + count
        var written: CInt = 0
        return EVP_DecryptUpdate(
            context, output - blockLength, &written, input, CInt(truncatingIfNeeded: all)) == 1 && Int(written) == all
    }

    /// The plaintext of `ciphertext`; nil when it is no whole number of blocks.
    package func decrypt(iv: [UInt8], _ ciphertext: ArraySlice<UInt8>) -> [UInt8]? {
        guard iv.count == blockLength, !ciphertext.isEmpty, ciphertext.count % blockLength == 0,
            ciphertext.count < 1 << 30
        else { return nil }
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
        let good = plaintext.withUnsafeMutableBufferPointer { output in
            iv.withUnsafeBufferPointer { iv in
                ciphertext.withUnsafeBufferPointer { input in
                    guard let iv = iv.baseAddress, let input = input.baseAddress, let output = output.baseAddress
                    else { return false }
                    return decrypt(iv: iv, input, count: ciphertext.count, into: output)
                }
            }
        }
        return good ? plaintext : nil
    }
}
