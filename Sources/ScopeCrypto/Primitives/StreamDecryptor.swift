import COpenSSL

/// AES in counter mode as ESP uses it: nonce | IV | counter from 1 (RFC 3686 section 4).
package final class StreamDecryptor {
    private let context: OpaquePointer
    private let counter: UnsafeMutablePointer<UInt8>

    package convenience init(aesCTR keyMaterial: Secret) throws(CryptoError) {
        try self.init("AES", keyMaterial: keyMaterial)
    }

    /// `keyMaterial` is the key and its 4-byte nonce; `cipher` OpenSSL's name of the cipher under the counter.
    init(_ cipher: String, keyMaterial: Secret) throws(CryptoError) {
        let length = keyMaterial.count - 4
        guard length == 16 || length == 24 || length == 32 else { throw .keyLength("\(cipher)-CTR", bytes: length) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .last("EVP_CIPHER_CTX_new") }
        self.context = context
        counter = .allocate(capacity: 16)
        counter.initialize(repeating: 0, count: 16)
        for index in 0..<4 { counter[index] = keyMaterial.byte(at: length + index) ?? 0 }
        counter[15] = 1
        guard let algorithm = Fetched.cipher("\(cipher)-\(length * 8)-CTR") else { throw .unavailable("\(cipher)-CTR") }
        let keyed = keyMaterial.withBytes { bytes in
            EVP_DecryptInit_ex2(context, algorithm, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil)
        }
        guard keyed == 1 else { throw .last("EVP_DecryptInit_ex2") }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
        OPENSSL_cleanse(counter, 16)
        counter.deallocate()
    }

    func decrypt(
        iv: UnsafePointer<UInt8>, _ input: UnsafePointer<UInt8>, count: Int, into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        for index in 0..<8 { counter[4 + index] = iv[index] }
        var written: CInt = 0
        return EVP_DecryptInit_ex2(context, nil, nil, counter, nil) == 1
            && EVP_DecryptUpdate(context, output, &written, input, CInt(truncatingIfNeeded: count)) == 1
            && Int(written) == count
    }
}
