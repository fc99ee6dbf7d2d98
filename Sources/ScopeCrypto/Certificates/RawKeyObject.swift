import COpenSSL
import ScopeModel

/// What a signature can be checked with: a certificate, or a key that came without one.
protocol SignatureKey {
    /// An EVP_PKEY; nil where libcrypto cannot use the key.
    var key: OpaquePointer? { get }
}

extension X509Object: SignatureKey {}

/// A public key that came without a certificate, freed with its last owner.
final class RawKeyObject: SignatureKey {
    private let pointer: OpaquePointer
    /// SHA-256 over its SubjectPublicKeyInfo (32 bytes).
    let fingerprint: [UInt8]

    /// Takes over what `pointer` owns.
    private init(owning pointer: OpaquePointer) {
        self.pointer = pointer
        fingerprint = Self.fingerprint(pointer)
    }

    deinit { EVP_PKEY_free(pointer) }

    /// An RSAPublicKey of PKCS #1: encoding 11 of IKEv2, which RFC 7296 section 3.6 has no more.
    convenience init?(pkcs1 der: [UInt8]) {
        self.init(der) { d2i_PublicKey(EVP_PKEY_RSA, nil, &$0, $1) }
    }

    /// A SubjectPublicKeyInfo: encoding 15 (RFC 7670 section 3).
    convenience init?(subjectPublicKeyInfo der: [UInt8]) {
        self.init(der) { d2i_PUBKEY(nil, &$0, $1) }
    }

    private convenience init?(
        _ der: [UInt8], _ decode: (inout UnsafePointer<UInt8>?, Int) -> OpaquePointer?
    ) {
        defer { ERR_clear_error() }
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var position = buffer.baseAddress
            return decode(&position, buffer.count)
        }
        guard let key else { return nil }
        self.init(owning: key)
    }

    var key: OpaquePointer? { pointer }

    private static func fingerprint(_ key: OpaquePointer) -> [UInt8] {
        defer { ERR_clear_error() }
        let length = Int(i2d_PUBKEY(key, nil))
        guard length > 0 else { return [] }
        var encoded = [UInt8](repeating: 0, count: length)
        let written = encoded.withUnsafeMutableBufferPointer { buffer -> Int32 in
            var position = buffer.baseAddress
            return i2d_PUBKEY(key, &position)
        }
        guard written == length else { return [] }
        return (try? Digest.sha256.hash([.bytes(encoded)])) ?? []
    }
}
