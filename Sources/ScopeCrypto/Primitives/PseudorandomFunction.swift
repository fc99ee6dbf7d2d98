import ScopeModel

/// The pseudorandom functions that IKEv2 agrees on (RFC 7296 section 2.13).
package enum PseudorandomFunction: Hashable, Sendable {
    case hmac(Digest)
    /// RFC 4434.
    case aesXCBC
    /// RFC 4615.
    case aesCMAC

    /// Nil for a function that is not computed here.
    package init?(_ prf: PRF) {
        switch prf {
        case .hmac(let hash):
            guard let digest = Digest(hash) else { return nil }
            self = .hmac(digest)
        case .aesXCBC: self = .aesXCBC
        case .aesCMAC: self = .aesCMAC
        case .other: return nil
        }
    }

    /// Bytes of its output, and of the keys that are derived for it.
    package var length: Int {
        switch self {
        case .hmac(let digest): digest.length
        case .aesXCBC, .aesCMAC: 16
        }
    }

    /// prf(key, part | part …).
    package func callAsFunction(_ key: Secret, _ parts: [HashInput]) throws(CryptoError) -> Secret {
        try keyed(with: key).tag(parts)
    }

    /// The key that both nonces make.
    ///
    /// Of functions with keys of a fixed size, only the first 64 bits of each nonce count (RFC 7296 section 2.14).
    package func nonceKey(_ ni: [UInt8], _ nr: [UInt8]) -> Secret {
        switch self {
        case .hmac: Secret(copying: ni + nr)
        case .aesXCBC, .aesCMAC: Secret(copying: ni.prefix(8) + nr.prefix(8))
        }
    }

    /// prf+(key, part | part …), cut to `length` bytes (RFC 7296 section 2.13).
    package func stretched(_ key: Secret, _ parts: [HashInput], to length: Int) throws(CryptoError) -> Secret {
        let function = try keyed(with: key)
        return try Secret.chained(to: length) { before, number throws(CryptoError) in
            guard let number = UInt8(exactly: number) else { throw .failed("prf+", reason: 255) }
            return try function.tag(before + parts + [.byte(number)])
        }
    }

    /// The function under one key, for many messages.
    enum Keyed {
        case hmac(HMAC)
        case blockMAC(AESBlockMAC)

        func tag(_ parts: [HashInput]) throws(CryptoError) -> Secret {
            switch self {
            case .hmac(let hmac): return try hmac.tag(parts)
            case .blockMAC(let mac): return try PseudorandomFunction.tag(mac, parts)
            }
        }
    }

    func keyed(with key: Secret) throws(CryptoError) -> Keyed {
        switch self {
        case .hmac(let digest): .hmac(try HMAC(digest, key: key))
        case .aesXCBC: .blockMAC(try AESBlockMAC(.xcbc, key: Self.xcbcKey(key)))
        case .aesCMAC: .blockMAC(try AESBlockMAC(.cmac, key: Self.cmacKey(key)))
        }
    }

    /// A short key is padded with zeros, a long one goes through the function itself (RFC 4434 section 2).
    private static func xcbcKey(_ key: Secret) throws(CryptoError) -> Secret {
        if key.count == 16 { return key }
        if key.count > 16 { return try tag(AESBlockMAC(.xcbc, key: Secret(count: 16)), [.secret(key)]) }
        let padded = Secret(count: 16)
        padded.withMutableBytes { target in
            key.withBytes { source in
                for index in source.indices { target[index] = source[index] }
            }
        }
        return padded
    }

    /// A key of any other length goes through the function itself (RFC 4615 section 3).
    private static func cmacKey(_ key: Secret) throws(CryptoError) -> Secret {
        key.count == 16 ? key : try tag(AESBlockMAC(.cmac, key: Secret(count: 16)), [.secret(key)])
    }

    private static func tag(_ mac: AESBlockMAC, _ parts: [HashInput]) throws(CryptoError) -> Secret {
        var count = 0
        for part in parts { try part.feed { count += $0.count } }
        // The pieces may hold keys, so they are put together in memory that is wiped.
        let whole = Secret(count: count)
        var at = 0
        for part in parts {
            try part.feed { bytes in
                whole.withMutableBytes { target in
                    for index in bytes.indices { target[at + index] = bytes[index] }
                }
                at += bytes.count
            }
        }
        let result: Secret? = whole.withBytes { bytes in
            var none: UInt8 = 0
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let tag = start.map { mac.tag($0, count, high: nil) } ?? mac.tag(&none, 0, high: nil)
            return tag.map { Secret(copying: UnsafeBufferPointer(start: $0, count: 16)) }
        }
        guard let result else { throw .last("EVP_EncryptUpdate") }
        return result
    }
}
