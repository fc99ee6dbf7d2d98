import COpenSSL
import ScopeModel

/// The hash functions of IKE and of its MACs.
package enum Digest: String, CaseIterable, Sendable {
    case md5 = "MD5"
    case sha1 = "SHA1"
    case sha256 = "SHA256"
    case sha384 = "SHA384"
    case sha512 = "SHA512"

    /// Nil for a hash that is not computed here.
    package init?(_ hash: Hash) {
        switch hash {
        case .md5: self = .md5
        case .sha1: self = .sha1
        case .sha256: self = .sha256
        case .sha384: self = .sha384
        case .sha512: self = .sha512
        case .tiger, .sm3, .identity, .other: return nil
        }
    }

    /// Bytes of a digest.
    package var length: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// Bytes that HMAC pads its key to (RFC 2104).
    package var blockLength: Int {
        switch self {
        case .md5, .sha1, .sha256: 64
        case .sha384, .sha512: 128
        }
    }

    /// OpenSSL's, which nobody has to free.
    func fetched() throws(CryptoError) -> OpaquePointer {
        guard let digest = Fetched.digest(self) else { throw .unavailable(rawValue) }
        return digest
    }

    /// hash(part | part …).
    package func hash(_ parts: [HashInput]) throws(CryptoError) -> [UInt8] {
        let digest = try fetched()
        guard let context = EVP_MD_CTX_new() else { throw .last("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestInit_ex2(context, digest, nil) == 1 else { throw .last("EVP_DigestInit_ex2") }
        for part in parts {
            try part.feed { bytes throws(CryptoError) in
                guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
                    throw .last("EVP_DigestUpdate")
                }
            }
        }
        var result = [UInt8](repeating: 0, count: length)
        guard EVP_DigestFinal_ex(context, &result, nil) == 1 else { throw .last("EVP_DigestFinal_ex") }
        return result
    }
}
