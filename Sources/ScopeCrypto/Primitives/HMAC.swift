import COpenSSL

/// HMAC (RFC 2104) under one key: both pads are hashed once, each message starts from copies of those states.
package final class HMAC {
    package let hash: HashAlgorithm
    private let inner: OpaquePointer
    private let outer: OpaquePointer
    private let work: OpaquePointer
    private let scratch: UnsafeMutablePointer<UInt8>
    /// A message begun, for many ends; made when it is first asked for.
    private var kept: OpaquePointer?

    package init(_ hash: HashAlgorithm, key: Secret) throws(CryptoError) {
        guard let inner = EVP_MD_CTX_new(), let outer = EVP_MD_CTX_new(), let work = EVP_MD_CTX_new() else {
            throw .last("EVP_MD_CTX_new")
        }
        self.hash = hash
        self.inner = inner
        self.outer = outer
        self.work = work
        scratch = .allocate(capacity: 64)
        scratch.initialize(repeating: 0, count: 64)
        var short = key
        if key.count > hash.blockLength { short = Secret(copying: try hash.hash([.secret(key)])) }
        let digest = try hash.fetch()
        defer { EVP_MD_free(digest) }
        try Self.absorb(short, pad: 0x36, hash, digest, into: inner)
        try Self.absorb(short, pad: 0x5c, hash, digest, into: outer)
    }

    deinit {
        EVP_MD_CTX_free(inner)
        EVP_MD_CTX_free(outer)
        EVP_MD_CTX_free(work)
        if let kept { EVP_MD_CTX_free(kept) }
        OPENSSL_cleanse(scratch, 64)
        scratch.deallocate()
    }

    private static func absorb(
        _ key: Secret, pad: UInt8, _ hash: HashAlgorithm, _ digest: OpaquePointer, into context: OpaquePointer
    ) throws(CryptoError) {
        let block = Secret(count: hash.blockLength)
        block.withMutableBytes { block in
            key.withBytes { key in
                for index in block.indices { block[index] = pad ^ (index < key.count ? key[index] : 0) }
            }
        }
        guard EVP_DigestInit_ex2(context, digest, nil) == 1 else { throw .last("EVP_DigestInit_ex2") }
        let fed = block.withBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard fed == 1 else { throw .last("EVP_DigestUpdate") }
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
    package func tag(_ parts: [Part]) throws(CryptoError) -> Secret {
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
package func prf(_ hash: HashAlgorithm, _ key: Secret, _ parts: [Part]) throws(CryptoError) -> Secret {
    try HMAC(hash, key: key).tag(parts)
}
