import ScopeWire

extension IKEv2 {
    /// A certificate request (RFC 7296 section 3.7).
    ///
    ///     | Cert Encoding |  Certification Authority: SHA-1 hashes of the public keys of trusted CAs ~
    public struct CertificateRequest: Hashable, Sendable {
        public var encoding: CertificateEncoding
        /// Offsets of the hashes, or of what another encoding has in their place.
        public var data: Range<Int>
        /// SHA-1 of the Subject Public Key Info of each CA, 20 bytes each.
        public var authorities: [[UInt8]]

        /// More authorities than this are not kept: a list of all public ones has some hundred.
        public static let mostAuthorities = 1024

        public init(encoding: CertificateEncoding, data: Range<Int>, authorities: [[UInt8]]) {
            self.encoding = encoding
            self.data = data
            self.authorities = authorities
        }

        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            encoding = try reader.code(bytes, "encoding")
            data = reader.rest
            authorities = []
            guard encoding == .x509Signature || encoding == .hashAndURL || encoding == .hashAndURLOfBundle else {
                _ = reader.remainder("certificate authority")
                return
            }
            while reader.remaining >= 20, authorities.count < Self.mostAuthorities {
                authorities.append(bytes.copy(try reader.bytes("authority key hash", count: 20)))
            }
            guard !reader.isAtEnd else { return }
            problem =
                reader.remaining >= 20
                ? DecodeError(.limitExceeded(Self.mostAuthorities), at: reader.at, field: "authority key hash")
                : DecodeError(.badLength(data.count), at: data.lowerBound, field: "certificate authority")
            _ = reader.remainder("not decoded")
        }
    }
}
