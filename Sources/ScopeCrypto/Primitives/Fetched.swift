import COpenSSL
import Synchronization

/// What OpenSSL's providers gave, kept for as long as the program runs: looking an algorithm up by its name takes
/// longer than hashing a short message with it.
enum Fetched {
    /// Nil where no provider has it.
    static func digest(_ hash: Digest) -> OpaquePointer? {
        switch hash {
        case .md5: md5
        case .sha1: sha1
        case .sha256: sha256
        case .sha384: sha384
        case .sha512: sha512
        }
    }

    // Reference counts of these are OpenSSL's own and atomic; nothing else in them changes.
    nonisolated(unsafe) private static let md5 = EVP_MD_fetch(nil, "MD5", nil)
    nonisolated(unsafe) private static let sha1 = EVP_MD_fetch(nil, "SHA1", nil)
    nonisolated(unsafe) private static let sha256 = EVP_MD_fetch(nil, "SHA256", nil)
    nonisolated(unsafe) private static let sha384 = EVP_MD_fetch(nil, "SHA384", nil)
    nonisolated(unsafe) private static let sha512 = EVP_MD_fetch(nil, "SHA512", nil)

    /// A cipher by OpenSSL's name; nil where no provider has it, which is asked again the next time.
    static func cipher(_ name: String) -> OpaquePointer? {
        ciphers.withLock { known in
            if let cipher = known[name] { return cipher.pointer }
            guard let cipher = EVP_CIPHER_fetch(nil, name, nil) else {
                ERR_clear_error()
                return nil
            }
            known[name] = Shared(pointer: cipher)
            return cipher
        }
    }

    private struct Shared: @unchecked Sendable { let pointer: OpaquePointer }

    private static let ciphers = Mutex<[String: Shared]>([:])
}
