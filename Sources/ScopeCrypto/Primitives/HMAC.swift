import COpenSSL

/// HMAC (RFC 2104) under one key: both pads are hashed once, each message starts from copies of those states.
package final class HMAC {
    package let hash: Digest
    private let inner: OpaquePointer
    private let outer: OpaquePointer
    private let work: OpaquePointer
    private let scratch: UnsafeMutablePointer<UInt8>
    /// A message begun, for many ends; made when it is first asked for.
    private var kept: OpaquePointer?

    package init(_ hash: Digest, key: Secret) throws(CryptoError) {
        guard let inner = EVP_MD_CTX_new(), let outer = EVP_MD_CTX_new(), let work = EVP_MD_CTX_new() else {
            throw .last("EVP_MD_CTX_new")
        }
        self.hash = hash
        self.inner = inner
        self.outer = outer
        self.work = work
        scratch = .allocate(capacity: 64)
        scratch.initialize(repeating: 0, count: 64)
        let short = try Self.short(key, hash)
        try Self.absorb(short, pad: 0x36, hash, into: inner)
        try Self.absorb(short, pad: 0x5c, hash, into: outer)
    }

    deinit {
        EVP_MD_CTX_free(inner)
        EVP_MD_CTX_free(outer)
        EVP_MD_CTX_free(work)
        if let kept { EVP_MD_CTX_free(kept) }
        OPENSSL_cleanse(scratch, 64)
        scratch.deallocate()
    }

    /// A key longer than a block is hashed first (RFC 2104 section 3).
    fileprivate static func short(_ key: Secret, _ hash: Digest) throws(CryptoError) -> Secret {
        key.count > hash.blockLength ? Secret(copying: try hash.hash([.secret(key)])) : key
    }

    /// Begins a hash with the block that `key` makes with `pad`.
    fileprivate static func absorb(
        _ key: Secret, pad: UInt8, _ hash: Digest, into context: OpaquePointer
    ) throws(CryptoError) {
        let digest = try hash.fetched()
        guard EVP_DigestInit_ex2(context, digest, nil) == 1 else { throw .last("EVP_DigestInit_ex2") }
        let isFed = withUnsafeTemporaryAllocation(byteCount: hash.blockLength, alignment: 8) { block in
            block.initializeMemory(as: UInt8.self, repeating: pad)
            key.withBytes { key in
                for index in 0..<min(key.count, block.count) { block[index] ^= key[index] }
            }
            defer { OPENSSL_cleanse(block.baseAddress, block.count) }
            return EVP_DigestUpdate(context, block.baseAddress, block.count) == 1
        }
        guard isFed else { throw .last("EVP_DigestUpdate") }
    }

    // MARK: One message at a time; false when OpenSSL fails.

    @inline(__always) func begin() -> Bool { EVP_MD_CTX_copy_ex(work, inner) == 1 }

    @inline(__always) func update(_ bytes: UnsafeRawPointer?, _ count: Int) -> Bool {
        EVP_DigestUpdate(work, bytes, count) == 1
    }

    /// The tag, valid until the next message; nil when OpenSSL fails.
    @inline(__always) func finish() -> UnsafePointer<UInt8>? {
        guard EVP_DigestFinal_ex(work, scratch, nil) == 1, EVP_MD_CTX_copy_ex(work, outer) == 1,
            EVP_DigestUpdate(work, scratch, hash.length) == 1, EVP_DigestFinal_ex(work, scratch, nil) == 1
        else { return nil }
        return UnsafePointer(scratch)
    }

    /// Begins a message with bytes that `resume` goes on from, any number of times.
    func keep(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        if kept == nil { kept = EVP_MD_CTX_new() }
        return begin() && update(bytes, count) && kept != nil && EVP_MD_CTX_copy_ex(kept, work) == 1
    }

    func resume() -> Bool { kept != nil && EVP_MD_CTX_copy_ex(work, kept) == 1 }

    /// HMAC(key, part | part …).
    package func tag(_ parts: [HashInput]) throws(CryptoError) -> Secret {
        guard begin() else { throw .last("EVP_MD_CTX_copy_ex") }
        for part in parts {
            try part.feed { bytes throws(CryptoError) in
                guard update(bytes.baseAddress, bytes.count) else { throw .last("EVP_DigestUpdate") }
            }
        }
        guard let tag = finish() else { throw .last("EVP_DigestFinal_ex") }
        return Secret(copying: UnsafeBufferPointer(start: tag, count: hash.length))
    }
}

/// prf(key, part | part …): HMAC with the negotiated hash (RFC 2409 section 4).
///
/// For one message under its key: both passes run in one context, and no state is kept.
package func prf(_ hash: Digest, _ key: Secret, _ parts: [HashInput]) throws(CryptoError) -> Secret {
    guard let context = EVP_MD_CTX_new() else { throw .last("EVP_MD_CTX_new") }
    defer { EVP_MD_CTX_free(context) }
    let short = try HMAC.short(key, hash)
    let result = Secret(count: hash.length)
    try HMAC.absorb(short, pad: 0x36, hash, into: context)
    for part in parts {
        try part.feed { bytes throws(CryptoError) in
            guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
                throw .last("EVP_DigestUpdate")
            }
        }
    }
    func finish(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        EVP_DigestFinal_ex(context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
    }
    guard result.withMutableBytes(finish) else { throw .last("EVP_DigestFinal_ex") }
    try HMAC.absorb(short, pad: 0x5c, hash, into: context)
    let isWhole = result.withMutableBytes { bytes in
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && finish(bytes)
    }
    guard isWhole else { throw .last("EVP_DigestFinal_ex") }
    return result
}
