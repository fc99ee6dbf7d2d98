import ScopeWire

/// A certificate or certificate request (RFC 2408 sections 3.9 and 3.10).
///
///     | Cert Encoding |  Certificate Data, or the authority asked for ~
public struct CertificatePayload: Sendable {
    /// 4 is an X.509 signature certificate: `CertificateEncoding`.
    public var encoding: UInt8
    public var data: Range<Int>
    /// Request: the issuer's name as text; certificate: the subject's.
    ///
    /// Nil when the bytes do not decode.
    public var name: String?
    /// Where the certificate can be had, for encodings 12 and 13: offsets of its SHA-1 (20 bytes), and the URL.
    public var location: Location?

    public struct Location: Sendable {
        public var hash: Range<Int>
        public var url: String
    }

    public init(encoding: UInt8, data: Range<Int>, name: String?) {
        self.encoding = encoding
        self.data = data
        self.name = name
    }

    init(reading reader: inout ByteReader, _ bytes: RawSpan, isRequest: Bool) throws(DecodeError) {
        let kind: CertificateEncoding = try reader.code(bytes, "encoding")
        encoding = kind.rawValue
        if kind.isHashAndURL, !isRequest {
            data = reader.rest
            let hash = try reader.bytes("hash", count: 20)
            let url = bytes.text(reader.remainder("URL"))
            if !url.isEmpty { reader.recorder?.interpret(.text(url)) }
            location = Location(hash: hash, url: url)
            return
        }
        data = reader.remainder(isRequest ? "certificate authority" : "certificate data")
        guard kind.isX509, !data.isEmpty else { return }
        let raw = bytes.copy(data)
        name = isRequest ? DistinguishedName.text(raw) : DistinguishedName.subject(ofCertificate: raw)
        if let name { reader.recorder?.interpret(note: name) }
    }
}

/// How a certificate is encoded (RFC 2408 section 3.9, RFC 7296 section 3.6, RFC 7670).
public struct CertificateEncoding: CodePoint {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable public static var pkcs7: CertificateEncoding { CertificateEncoding(rawValue: 1) }
    @inlinable public static var x509Signature: CertificateEncoding { CertificateEncoding(rawValue: 4) }
    @inlinable public static var x509KeyExchange: CertificateEncoding { CertificateEncoding(rawValue: 5) }
    @inlinable public static var crl: CertificateEncoding { CertificateEncoding(rawValue: 7) }
    @inlinable public static var arl: CertificateEncoding { CertificateEncoding(rawValue: 8) }
    @inlinable public static var rawRSAKey: CertificateEncoding { CertificateEncoding(rawValue: 11) }
    @inlinable public static var hashAndURL: CertificateEncoding { CertificateEncoding(rawValue: 12) }
    @inlinable public static var hashAndURLOfBundle: CertificateEncoding { CertificateEncoding(rawValue: 13) }
    @inlinable public static var rawPublicKey: CertificateEncoding { CertificateEncoding(rawValue: 15) }

    /// A plain X.509 certificate.
    var isX509: Bool { self == .x509Signature || self == .x509KeyExchange }
    /// A URL where a certificate or a bundle can be had, and the SHA-1 of it.
    var isHashAndURL: Bool { self == .hashAndURL || self == .hashAndURLOfBundle }

    public static let names: [CertificateEncoding: String] = [
        CertificateEncoding(rawValue: 0): "NONE", .pkcs7: "PKCS #7 wrapped X.509",
        CertificateEncoding(rawValue: 2): "PGP", CertificateEncoding(rawValue: 3): "DNS signed key",
        .x509Signature: "X.509 signature", .x509KeyExchange: "X.509 key exchange",
        CertificateEncoding(rawValue: 6): "Kerberos tokens", .crl: "CRL", .arl: "ARL",
        CertificateEncoding(rawValue: 9): "SPKI", CertificateEncoding(rawValue: 10): "X.509 attribute",
        .rawRSAKey: "raw RSA key", .hashAndURL: "hash and URL of X.509",
        .hashAndURLOfBundle: "hash and URL of X.509 bundle", CertificateEncoding(rawValue: 14): "OCSP",
        .rawPublicKey: "raw public key",
    ]
}
