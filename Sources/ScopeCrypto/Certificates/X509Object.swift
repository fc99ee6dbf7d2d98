import COpenSSL
import ScopeDissect
import ScopeModel

/// A decoded certificate of libcrypto's, freed with its last owner.
final class X509Object {
    let pointer: OpaquePointer
    /// SHA-256 over the encoding (32 bytes).
    let fingerprint: [UInt8]

    /// Takes over what `pointer` owns.
    private init(owning pointer: OpaquePointer, fingerprint: [UInt8]) {
        self.pointer = pointer
        self.fingerprint = fingerprint
    }

    deinit { X509_free(pointer) }

    /// Decodes the certificate at the beginning of `der`; also the bytes that are left over behind it.
    static func decode(_ der: [UInt8]) -> (object: X509Object, rest: Int)? {
        defer { ERR_clear_error() }
        return der.withUnsafeBufferPointer { buffer -> (X509Object, Int)? in
            var position = buffer.baseAddress
            guard let pointer = d2i_X509(nil, &position, buffer.count) else { return nil }
            let used = position.map { $0 - (buffer.baseAddress ?? $0) } ?? buffer.count
            return (X509Object(owning: pointer, fingerprint: fingerprint(pointer)), buffer.count - used)
        }
    }

    /// A certificate that another structure owns as well.
    convenience init?(sharing pointer: OpaquePointer) {
        guard X509_up_ref(pointer) == 1 else { return nil }
        self.init(owning: pointer, fingerprint: Self.fingerprint(pointer))
    }

    private static func fingerprint(_ pointer: OpaquePointer) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        guard let sha256 = try? Digest.sha256.fetched() else { return [] }
        return X509_digest(pointer, sha256, &digest, nil) == 1 ? digest : []
    }

    /// The key that it certifies; nil when libcrypto cannot use it.
    ///
    /// Owned by the certificate.
    var key: OpaquePointer? {
        defer { ERR_clear_error() }
        return X509_get0_pubkey(pointer)
    }

    /// True when this certificate's signature fits the key of `issuer`.
    func isSigned(by issuer: X509Object) -> Bool {
        defer { ERR_clear_error() }
        guard let key = issuer.key else { return false }
        return X509_verify(pointer, key) == 1
    }

    /// True when `issuer` has the name of this certificate's issuer.
    func names(issuer: X509Object) -> Bool {
        X509_NAME_cmp(X509_get_issuer_name(pointer), X509_get_subject_name(issuer.pointer)) == 0
    }
}

/// A decoded CRL of libcrypto's, freed with its last owner.
final class X509CRLObject {
    let pointer: OpaquePointer

    private init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_CRL_free(pointer) }

    /// Decodes the list at the beginning of `der`; also the bytes that are left over behind it.
    static func decode(_ der: [UInt8]) -> (object: X509CRLObject, rest: Int)? {
        defer { ERR_clear_error() }
        return der.withUnsafeBufferPointer { buffer -> (X509CRLObject, Int)? in
            var position = buffer.baseAddress
            guard let pointer = d2i_X509_CRL(nil, &position, buffer.count) else { return nil }
            let used = position.map { $0 - (buffer.baseAddress ?? $0) } ?? buffer.count
            return (X509CRLObject(owning: pointer), buffer.count - used)
        }
    }

    /// A list that another structure owns as well.
    convenience init?(sharing pointer: OpaquePointer) {
        guard X509_CRL_up_ref(pointer) == 1 else { return nil }
        self.init(owning: pointer)
    }

    /// True when the list is by the certificate's issuer and has its serial number.
    func lists(_ certificate: X509Object) -> Bool {
        defer { ERR_clear_error() }
        guard
            X509_NAME_cmp(X509_CRL_get_issuer(pointer), X509_get_issuer_name(certificate.pointer)) == 0
        else { return false }
        var entry: OpaquePointer?
        // Not 2, removeFromCRL: it was on hold, and is no more.
        return X509_CRL_get0_by_cert(pointer, &entry, certificate.pointer) == 1
    }
}
