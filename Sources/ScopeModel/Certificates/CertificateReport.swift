import ScopeDissect
import ScopeWire

/// What the CERT payloads of one message hold, and how they fit together and to the identity: facts, not trust.
public struct CertificateReport: Sendable {
    /// One per CERT payload of the message, in wire order.
    public var payloads: [CertificateContents]
    /// Those of this message in wire order, then those that the same side showed earlier in the exchange.
    public var certificates: [ShownCertificate]
    /// Those of this message, in wire order.
    public var revocationLists: [RevocationList]
    /// The certificate that speaks for the sender: an index into `certificates`.
    public var subject: Int?
    /// Whether the sender's identity is in it (RFC 4945 section 3.1); nil while either is unknown.
    public var identity: IdentityMatch?
    /// The signature of this message was checked, and fits the key of none of `certificates`.
    public var isSignatureUnfit = false

    public init(
        payloads: [CertificateContents], certificates: [ShownCertificate], revocationLists: [RevocationList],
        subject: Int?, identity: IdentityMatch?
    ) {
        self.payloads = payloads
        self.certificates = certificates
        self.revocationLists = revocationLists
        self.subject = subject
        self.identity = identity
    }
}

/// What one CERT payload holds: ranges of indices into the report's lists.
public struct CertificateContents: Hashable, Sendable {
    public var certificates: Range<Int>
    public var revocationLists: Range<Int>
    /// The public key of an encoding that carries one alone.
    public var publicKey: PublicKey?
    /// Why the data does not decode, or not whole.
    public var fault: CertificateFault?

    public init(
        certificates: Range<Int> = 0..<0, revocationLists: Range<Int> = 0..<0, publicKey: PublicKey? = nil,
        fault: CertificateFault? = nil
    ) {
        self.certificates = certificates
        self.revocationLists = revocationLists
        self.publicKey = publicKey
        self.fault = fault
    }
}

/// Why the data of a CERT payload does not decode.
public enum CertificateFault: Hashable, Sendable, CustomStringConvertible {
    /// It is none of what its encoding says.
    case notDecodable
    /// More bytes than any honest certificate has.
    case tooLarge(Int)
    /// More certificates or lists than are read: so many are left out.
    case tooMany(Int)
    /// Bytes behind the structure.
    case trailingBytes(Int)

    public var description: String {
        switch self {
        case .notDecodable: "does not decode as what its encoding says"
        case .tooLarge(let count): "\(count) bytes are too many to be read"
        case .tooMany(let count): "\(count) more of them are not read"
        case .trailingBytes(let count): "\(count) bytes left over"
        }
    }
}

/// A certificate that a peer showed, and where it stands among the others.
public struct ShownCertificate: Hashable, Sendable {
    public var certificate: Certificate
    /// At the time of the message.
    public var validity: Certificate.Validity
    public var issuer: Issuer
    /// A CRL beside it, by its issuer, lists it.
    public var isRevoked: Bool
    /// The signature of this message fits its key.
    public var isSigner: Bool

    public enum Issuer: Hashable, Sendable {
        /// Its signature fits the key of that certificate: an index into the report's `certificates`.
        case shown(Int)
        /// Its signature fits its own key.
        case itself
        /// The certificates with the issuer's name, none of whose keys fits its signature.
        case mismatch
        /// No certificate with the issuer's name was shown.
        case absent
    }

    public init(
        certificate: Certificate, validity: Certificate.Validity, issuer: Issuer = .absent, isRevoked: Bool = false,
        isSigner: Bool = false
    ) {
        self.certificate = certificate
        self.validity = validity
        self.issuer = issuer
        self.isRevoked = isRevoked
        self.isSigner = isSigner
    }
}

/// Where the identity of a peer stands in its certificate (RFC 4945 section 3.1).
public enum IdentityMatch: Hashable, Sendable {
    case subject
    case alternativeName
    /// Only the common name of the subject equals it, which RFC 4945 does not let count.
    case commonNameOnly
    case absent
    /// A kind of identity that certificates do not hold (a key id, a subnet …).
    case notComparable
}

/// What a certificate report is made from, beside the message itself.
public struct CertificateContext: Sendable {
    /// What the same side showed earlier in the exchange.
    public var earlier: [CarriedCertificate]
    /// The body of the sender's ID payload, where it stands in an earlier message.
    public var identity: [UInt8]?
    public var time: Instant
    /// The fingerprint (SHA-256) of the certificate whose key fits the message's signature; empty where it was checked
    /// and none fits.
    public var signer: [UInt8]?

    public init(earlier: [CarriedCertificate] = [], identity: [UInt8]? = nil, time: Instant, signer: [UInt8]? = nil) {
        self.earlier = earlier
        self.identity = identity
        self.time = time
        self.signer = signer
    }
}

/// The contents of a CERT payload, kept beyond its message.
public struct CarriedCertificate: Hashable, Sendable {
    public var encoding: UInt8
    public var data: [UInt8]

    public init(encoding: UInt8, data: [UInt8]) {
        self.encoding = encoding
        self.data = data
    }
}

extension PayloadChain {
    /// The contents of the CERT payloads, in wire order.
    public var carriedCertificates: [CarriedCertificate] {
        payloads.compactMap { payload in
            guard case .certificate(let content) = payload.content else { return nil }
            return CarriedCertificate(encoding: content.encoding, data: Array(slice(content.data)))
        }
    }
}
