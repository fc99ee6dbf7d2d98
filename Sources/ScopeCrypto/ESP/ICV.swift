import COpenSSL

/// Checks the ICVs of ESP or AH packets under one key.
enum ICV {
    case none
    /// Bytes whose key is not known.
    case skipped
    case hmac(HMAC)
    case blockMAC(AESBlockMAC)

    init(_ integrity: ESPIntegrity, key: Secret) throws(CryptoError) {
        switch integrity {
        case .none: self = .none
        case .unknown: self = .skipped
        case .hmac(let hash, _): self = .hmac(try HMAC(hash, key: key))
        case .aesXCBC: self = .blockMAC(try AESBlockMAC(.xcbc, key: key))
        case .aesCMAC: self = .blockMAC(try AESBlockMAC(.cmac, key: key))
        // Its IV is in the packet: `KeyedAHVerifier` has a way of its own for it.
        case .aesGMAC: throw .unavailable("AES-GMAC as an ICV alone")
        }
    }

    /// Whether `icv` fits the `count` bytes at `start`, followed by `high` when it is given.
    @inline(__always)
    func fits(
        _ icv: UnsafePointer<UInt8>, _ length: Int, over start: UnsafePointer<UInt8>, _ count: Int, high: UInt32?
    ) -> Bool {
        switch self {
        case .none, .skipped: return true
        case .hmac(let hmac):
            guard hmac.begin(), hmac.update(start, count) else { return false }
            if let high {
                var wire = high.bigEndian
                guard hmac.update(&wire, 4) else { return false }
            }
            guard let tag = hmac.finish() else { return false }
            return CRYPTO_memcmp(tag, icv, length) == 0
        case .blockMAC(let mac):
            guard let tag = mac.tag(start, count, high: high) else { return false }
            return CRYPTO_memcmp(tag, icv, length) == 0
        }
    }

    /// Makes ready for many trials of a high half behind the same bytes; false when OpenSSL fails.
    func prepare(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard case .hmac(let hmac) = self else { return true }
        return hmac.keep(start, count)
    }

    /// The same as `fits` after `prepare` with the same bytes.
    func fitsPrepared(
        _ icv: UnsafePointer<UInt8>, _ length: Int, over start: UnsafePointer<UInt8>, _ count: Int, high: UInt32
    ) -> Bool {
        guard case .hmac(let hmac) = self else { return fits(icv, length, over: start, count, high: high) }
        var wire = high.bigEndian
        guard hmac.resume(), hmac.update(&wire, 4), let tag = hmac.finish() else { return false }
        return CRYPTO_memcmp(tag, icv, length) == 0
    }
}
