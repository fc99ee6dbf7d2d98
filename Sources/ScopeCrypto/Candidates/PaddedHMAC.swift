import COpenSSL

/// HMAC (RFC 2104) of one message under many keys.
///
/// The pads and the message stand in one buffer, so that a tag is two calls of the hash, and nothing is allocated.
final class PaddedHMAC {
    private let context: OpaquePointer
    private let digest: OpaquePointer
    private let hash: Digest
    /// The inner pad and the message.
    private let inner: UnsafeMutablePointer<UInt8>
    private let innerCount: Int
    /// The outer pad and the inner digest.
    private let outer: UnsafeMutablePointer<UInt8>
    /// Keys longer than a block are hashed first.
    private let short: UnsafeMutablePointer<UInt8>

    init?(_ hash: Digest, message: [UInt8]) {
        guard let context = EVP_MD_CTX_new() else { return nil }
        guard let digest = try? hash.fetched(), EVP_DigestInit_ex2(context, digest, nil) == 1 else {
            EVP_MD_CTX_free(context)
            return nil
        }
        self.context = context
        self.digest = digest
        self.hash = hash
        innerCount = hash.blockLength + message.count
        inner = .allocate(capacity: innerCount)
        inner.initialize(repeating: 0, count: innerCount)
        (inner + hash.blockLength).update(from: message, count: message.count)
        outer = .allocate(capacity: hash.blockLength + hash.length)
        outer.initialize(repeating: 0, count: hash.blockLength + hash.length)
        short = .allocate(capacity: 64)
        short.initialize(repeating: 0, count: 64)
    }

    deinit {
        OPENSSL_cleanse(inner, innerCount)
        OPENSSL_cleanse(outer, hash.blockLength + hash.length)
        OPENSSL_cleanse(short, 64)
        inner.deallocate()
        outer.deallocate()
        short.deallocate()
        EVP_MD_CTX_free(context)
    }

    /// Replaces the bytes of the message at `offset`.
    func replace(at offset: Int, with bytes: UnsafePointer<UInt8>, count: Int) {
        (inner + hash.blockLength + offset).update(from: bytes, count: count)
    }

    /// HMAC(key, message) into `tag`, which has room for the hash's length; false when OpenSSL refuses.
    @inline(__always)
    func tag(_ key: UnsafeRawBufferPointer, into tag: UnsafeMutablePointer<UInt8>) -> Bool {
        var key = key
        if key.count > hash.blockLength {
            guard digest(key.baseAddress, key.count, into: short) else { return false }
            key = UnsafeRawBufferPointer(start: short, count: hash.length)
        }
        let block = hash.blockLength
        for index in 0..<key.count {
            inner[index] = key[index] ^ 0x36
            outer[index] = key[index] ^ 0x5c
        }
        for index in key.count..<block {
            inner[index] = 0x36
            outer[index] = 0x5c
        }
        return digest(inner, innerCount, into: outer + block) && digest(outer, block + hash.length, into: tag)
    }

    @inline(__always)
    private func digest(_ bytes: UnsafeRawPointer?, _ count: Int, into output: UnsafeMutablePointer<UInt8>) -> Bool {
        EVP_DigestInit_ex2(context, nil, nil) == 1 && EVP_DigestUpdate(context, bytes, count) == 1
            && EVP_DigestFinal_ex(context, output, nil) == 1
    }
}
