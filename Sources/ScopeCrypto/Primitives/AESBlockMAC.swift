import COpenSSL

/// AES-XCBC-MAC (RFC 3566) and AES-CMAC (RFC 4493): CBC over the message, its last block masked by a derived key.
package final class AESBlockMAC {
    package enum Kind { case xcbc, cmac }

    private let context: OpaquePointer
    /// The mask for a whole last block, then the one for a padded one.
    private let masks: Secret
    private let pending: UnsafeMutablePointer<UInt8>
    private let sink: UnsafeMutablePointer<UInt8>
    private static let chunk = 1024

    package init(_ kind: Kind, key: Secret) throws(CryptoError) {
        guard key.count == 16 else { throw .keyLength("AES-XCBC/CMAC", bytes: key.count) }
        guard let context = EVP_CIPHER_CTX_new() else { throw .last("EVP_CIPHER_CTX_new") }
        self.context = context
        masks = Secret(count: 32)
        pending = .allocate(capacity: 16)
        sink = .allocate(capacity: Self.chunk)
        pending.initialize(repeating: 0, count: 16)
        sink.initialize(repeating: 0, count: Self.chunk)
        try schedule(key)
        switch kind {
        case .xcbc:
            let first = try block(filled: 1)
            let second = try block(filled: 2)
            let third = try block(filled: 3)
            masks.withMutableBytes { target in
                second.withBytes { target.copyMemory(from: $0) }
                third.withBytes { UnsafeMutableRawBufferPointer(rebasing: target[16...]).copyMemory(from: $0) }
            }
            try schedule(first)
        case .cmac:
            let whole = Self.doubled(try block(filled: 0))
            let padded = Self.doubled(whole)
            masks.withMutableBytes { target in
                whole.withBytes { target.copyMemory(from: $0) }
                padded.withBytes { UnsafeMutableRawBufferPointer(rebasing: target[16...]).copyMemory(from: $0) }
            }
        }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
        OPENSSL_cleanse(pending, 16)
        OPENSSL_cleanse(sink, Self.chunk)
        pending.deallocate()
        sink.deallocate()
    }

    /// The tag (16 bytes, valid until the next call) over `count` bytes and `high`; nil when OpenSSL fails.
    func tag(_ start: UnsafePointer<UInt8>, _ count: Int, high: UInt32?) -> UnsafePointer<UInt8>? {
        guard restart() else { return nil }
        let total = count + (high == nil ? 0 : 4)
        // All whole blocks but the last go through CBC; the last is masked first.
        let direct = min(count, max(0, total - 1)) / 16 * 16
        var at = 0
        while at < direct {
            let step = min(Self.chunk, direct - at)
            guard encrypt(start + at, step) else { return nil }
            at += step
        }
        let rest = total - direct
        guard rest <= 32 else { return nil }
        // At most one block of message and the high half are left, which may cross a block.
        var tail: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &tail) { tail in
            for index in 0..<(count - direct) { tail[index] = start[direct + index] }
            if let high {
                for index in 0..<4 {
                    tail[count - direct + index] = UInt8(truncatingIfNeeded: high >> UInt32(24 - index * 8))
                }
            }
            var offset = 0
            if rest > 16 {
                for index in 0..<16 { pending[index] = tail[index] }
                guard encrypt(pending, 16) else { return nil }
                offset = 16
            }
            let last = rest - offset
            for index in 0..<16 {
                let byte: UInt8 = index < last ? tail[offset + index] : index == last ? 0x80 : 0
                pending[index] = byte ^ (masks.byte(at: index + (last == 16 ? 0 : 16)) ?? 0)
            }
            guard encrypt(pending, 16) else { return nil }
            return UnsafePointer(sink)
        }
    }

    private func restart() -> Bool {
        var zero: (UInt64, UInt64) = (0, 0)
        return withUnsafeBytes(of: &zero) {
            EVP_EncryptInit_ex2(context, nil, nil, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
        }
    }

    private func encrypt(_ input: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var written: CInt = 0
        return EVP_EncryptUpdate(context, sink, &written, input, CInt(count)) == 1 && Int(written) == count
    }

    private func schedule(_ key: Secret) throws(CryptoError) {
        guard let cipher = Fetched.cipher("AES-128-CBC") else { throw .unavailable("AES-128-CBC") }
        let keyed = key.withBytes { bytes in
            EVP_EncryptInit_ex2(context, cipher, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil)
        }
        guard keyed == 1, EVP_CIPHER_CTX_set_padding(context, 0) == 1 else { throw .last("EVP_EncryptInit_ex2") }
    }

    /// The cipher of one block of equal bytes.
    private func block(filled byte: UInt8) throws(CryptoError) -> Secret {
        for index in 0..<16 { pending[index] = byte }
        guard restart(), encrypt(pending, 16) else { throw .last("EVP_EncryptUpdate") }
        return Secret(copying: UnsafeBufferPointer(start: sink, count: 16))
    }

    /// Doubling in GF(2^128) (RFC 4493 section 2.3).
    private static func doubled(_ block: Secret) -> Secret {
        let result = Secret(count: 16)
        result.withMutableBytes { target in
            block.withBytes { source in
                for index in 0..<16 {
                    target[index] = source[index] << 1 | (index < 15 ? source[index + 1] >> 7 : 0)
                }
                if source[0] & 0x80 != 0 { target[15] ^= 0x87 }
            }
        }
        return result
    }
}
