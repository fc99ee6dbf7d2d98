import COpenSSL

/// AES-GCM, AES-CCM and ChaCha20-Poly1305 as ESP uses them: the nonce is the salt and the packet's IV.
package final class AEADDecryptor {
    private let context: OpaquePointer
    private let isCCM: Bool
    private let tagLength: Int
    private let saltLength: Int
    private let nonce: UnsafeMutablePointer<UInt8>

    /// `keyMaterial` is the key and its salt; `name` OpenSSL's name of the cipher.
    package init(_ name: String, keyMaterial: Secret, saltLength: Int, tagLength: Int) throws(CryptoError) {
        let keyLength = keyMaterial.count - saltLength
        guard keyLength > 0, saltLength <= 4 else { throw .keyLength(name, bytes: keyMaterial.count) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .last("EVP_CIPHER_CTX_new") }
        self.context = context
        self.tagLength = tagLength
        self.saltLength = saltLength
        isCCM = name.hasSuffix("CCM")
        nonce = .allocate(capacity: 12)
        nonce.initialize(repeating: 0, count: 12)
        for index in 0..<saltLength { nonce[index] = keyMaterial.byte(at: keyLength + index) ?? 0 }
        guard let cipher = Fetched.cipher(name) else {
            ERR_clear_error()
            throw .unavailable(name)
        }
        guard Int(EVP_CIPHER_get_key_length(cipher)) == keyLength else { throw .keyLength(name, bytes: keyLength) }
        guard EVP_DecryptInit_ex2(context, cipher, nil, nil, nil) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, CInt(saltLength + 8), nil) == 1,
            !isCCM || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(tagLength), nil) == 1
        else { throw .last("EVP_DecryptInit_ex2") }
        let keyed = keyMaterial.withBytes { bytes in
            EVP_DecryptInit_ex2(context, nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil)
        }
        guard keyed == 1 else { throw .last("EVP_DecryptInit_ex2") }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
        OPENSSL_cleanse(nonce, 12)
        nonce.deallocate()
    }

    /// Whether `output` holds the plaintext also when the tag does not fit, as all but CCM leave it.
    package var writesBeforeTag: Bool { !isCCM }

    /// Decrypts `count` bytes; false when the tag does not fit: nothing vouches for what lies in `output` then.
    @inline(__always)
    func open(
        iv: UnsafePointer<UInt8>, _ input: UnsafePointer<UInt8>, count: Int, tag: UnsafePointer<UInt8>,
        additional: UnsafePointer<UInt8>, additionalCount: Int, into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        for index in 0..<8 { nonce[saltLength + index] = iv[index] }
        var written: CInt = 0
        let mutableTag = UnsafeMutableRawPointer(mutating: tag)
        if isCCM {
            guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(tagLength), mutableTag) == 1,
                EVP_DecryptInit_ex2(context, nil, nil, nonce, nil) == 1,
                EVP_DecryptUpdate(context, nil, &written, nil, CInt(count)) == 1
            else { return false }
        } else {
            guard EVP_DecryptInit_ex2(context, nil, nil, nonce, nil) == 1,
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(tagLength), mutableTag) == 1
            else { return false }
        }
        guard EVP_DecryptUpdate(context, nil, &written, additional, CInt(additionalCount)) == 1 else { return false }
        if count > 0 || isCCM {
            // CCM checks its tag here.
            guard EVP_DecryptUpdate(context, output, &written, input, CInt(count)) == 1 else { return false }
        }
        return isCCM || EVP_DecryptFinal_ex(context, output + count, &written) == 1
    }
}
