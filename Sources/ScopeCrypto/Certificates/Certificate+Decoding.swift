import COpenSSL
import Glibc
import ScopeDissect
import ScopeModel
import ScopeWire

extension Certificate {
    /// Reads what `object` says.
    init(_ object: X509Object) {
        defer { ERR_clear_error() }
        let pointer = object.pointer
        let (names, nameCount) = GeneralName.all(of: pointer)
        let flags = X509_get_extension_flags(pointer)
        let hasConstraints = flags & UInt32(EXFLAG_BCONS) != 0
        let pathLength = X509_get_pathlen(pointer)
        self.init(
            version: X509_get_version(pointer) + 1,
            serial: ASN1.bytes(X509_get0_serialNumber(pointer)),
            subject: ASN1.name(X509_get_subject_name(pointer)),
            issuer: ASN1.name(X509_get_issuer_name(pointer)),
            notBefore: CertificateTime(X509_get0_notBefore(pointer)),
            notAfter: CertificateTime(X509_get0_notAfter(pointer)),
            alternativeNames: names,
            alternativeNameCount: nameCount,
            publicKey: object.key.map { PublicKey($0) } ?? PublicKey(unusable: pointer),
            signatureAlgorithm: ASN1.signatureAlgorithm(of: pointer),
            isCA: hasConstraints ? flags & UInt32(EXFLAG_CA) != 0 : nil,
            pathLength: hasConstraints && pathLength >= 0 ? pathLength : nil,
            keyUsage: Self.keyUsage(pointer),
            extendedKeyUsage: Self.extendedKeyUsage(pointer),
            fingerprint: object.fingerprint)
    }

    /// In the order of RFC 5280 section 4.2.1.3, whose bits libcrypto keeps by octets.
    private static let usages: [(bit: UInt32, name: String)] = [
        (0x80, "digitalSignature"), (0x40, "nonRepudiation"), (0x20, "keyEncipherment"), (0x10, "dataEncipherment"),
        (0x08, "keyAgreement"), (0x04, "keyCertSign"), (0x02, "cRLSign"), (0x01, "encipherOnly"),
        (0x8000, "decipherOnly"),
    ]

    private static func keyUsage(_ pointer: OpaquePointer) -> [String]? {
        let bits = X509_get_key_usage(pointer)
        return bits == .max ? nil : usages.filter { bits & $0.bit != 0 }.map(\.name)
    }

    private static func extendedKeyUsage(_ pointer: OpaquePointer) -> [String] {
        guard let raw = X509_get_ext_d2i(pointer, NID_ext_key_usage, nil, nil) else { return [] }
        let stack = OpaquePointer(raw)
        defer { EXTENDED_KEY_USAGE_free(stack) }
        return (0..<max(0, min(32, OPENSSL_sk_num(stack)))).compactMap { index in
            OPENSSL_sk_value(stack, index).map { raw in
                let dotted = ASN1.dotted(OpaquePointer(raw))
                // The one that came before RFC 4945, and that many gateways still look for.
                if dotted == "1.3.6.1.5.5.8.2.2" { return "iKEIntermediate" }
                return ASN1.shortName(OpaquePointer(raw)) ?? dotted
            }
        }
    }
}

extension PublicKey {
    /// `key` is an EVP_PKEY.
    init(_ key: OpaquePointer) {
        let bits = Int(EVP_PKEY_get_bits(key))
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: self.init(kind: "RSA", bits: bits)
        case EVP_PKEY_RSA_PSS: self.init(kind: "RSA-PSS", bits: bits)
        case EVP_PKEY_DSA: self.init(kind: "DSA", bits: bits)
        case EVP_PKEY_ED25519: self.init(kind: "Ed25519", bits: bits)
        case EVP_PKEY_ED448: self.init(kind: "Ed448", bits: bits)
        case EVP_PKEY_EC: self.init(kind: "EC", curve: Self.curve(of: key), bits: bits)
        case let other:
            let name = OBJ_nid2ln(other).map { String(cString: $0) }
            self.init(kind: name ?? "unknown", bits: bits)
        }
    }

    /// The key of a certificate that libcrypto cannot use: its algorithm alone.
    init(unusable certificate: OpaquePointer) {
        var algorithm: OpaquePointer?
        let info = X509_get_X509_PUBKEY(certificate)
        let isThere = X509_PUBKEY_get0_param(&algorithm, nil, nil, nil, info) == 1
        self.init(kind: isThere ? algorithm.map { ASN1.longName($0) } ?? "unknown" : "unknown", bits: 0)
    }

    /// The name that engineers use, else libcrypto's.
    private static func curve(of key: OpaquePointer) -> String? {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return nil }
        let text = String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return ["prime256v1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"][text] ?? text
    }
}

extension GeneralName {
    /// The first of the subject's alternative names, and how many there are.
    static func all(of certificate: OpaquePointer) -> ([GeneralName], Int) {
        guard let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return ([], 0) }
        let stack = OpaquePointer(raw)
        defer { GENERAL_NAMES_free(stack) }
        let count = max(0, Int(OPENSSL_sk_num(stack)))
        let names = (0..<min(count, Certificate.mostNames)).compactMap { index in
            OPENSSL_sk_value(stack, Int32(index)).map {
                GeneralName($0.assumingMemoryBound(to: GENERAL_NAME.self))
            }
        }
        return (names, count)
    }

    private init(_ name: UnsafePointer<GENERAL_NAME>) {
        var tag: Int32 = 0
        let value = GENERAL_NAME_get0_value(name, &tag)
        switch (tag, value) {
        case (GEN_DNS, let value?): self = .dns(ASN1.text(OpaquePointer(value)))
        case (GEN_EMAIL, let value?): self = .email(ASN1.text(OpaquePointer(value)))
        case (GEN_URI, let value?): self = .uri(ASN1.text(OpaquePointer(value)))
        case (GEN_DIRNAME, let value?): self = .directory(ASN1.name(OpaquePointer(value)))
        case (GEN_IPADD, let value?):
            let bytes = ASN1.bytes(UnsafePointer(value.assumingMemoryBound(to: ASN1_STRING.self)))
            self = IPAddress(bytes: bytes).map { .address($0) } ?? .other(tag: Int(tag))
        default: self = .other(tag: Int(tag))
        }
    }
}

extension RevocationList {
    init(_ object: X509CRLObject) {
        defer { ERR_clear_error() }
        let pointer = object.pointer
        let stack = X509_CRL_get_REVOKED(pointer)
        let count = max(0, Int(OPENSSL_sk_num(stack)))
        let entries = (0..<min(count, Self.mostEntries)).compactMap { index -> Entry? in
            guard let raw = OPENSSL_sk_value(stack, Int32(index)) else { return nil }
            let entry = OpaquePointer(raw)
            return Entry(
                serial: ASN1.bytes(X509_REVOKED_get0_serialNumber(entry)),
                time: CertificateTime(X509_REVOKED_get0_revocationDate(entry)))
        }
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_CRL_get0_signature(pointer, nil, &algorithm)
        self.init(
            issuer: ASN1.name(X509_CRL_get_issuer(pointer)),
            thisUpdate: CertificateTime(X509_CRL_get0_lastUpdate(pointer)),
            nextUpdate: CertificateTime(X509_CRL_get0_nextUpdate(pointer)),
            signatureAlgorithm: ASN1.name(of: algorithm), count: count, revoked: entries)
    }
}

extension CertificateTime {
    /// Nil when there is none, or when it does not decode.
    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        guard let time else { return nil }
        var fields = tm()
        guard ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
        self.init(seconds: Int64(timegm(&fields)))
    }
}
