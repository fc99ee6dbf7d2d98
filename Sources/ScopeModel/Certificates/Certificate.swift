import ScopeWire

/// What an X.509 certificate says (RFC 5280); its text comes from the peer, so escape it where it is printed.
public struct Certificate: Hashable, Sendable {
    /// 1 to 3.
    public var version: Int
    /// Big-endian, without the sign.
    public var serial: [UInt8]
    public var subject: String
    public var issuer: String
    public var notBefore: CertificateTime?
    public var notAfter: CertificateTime?
    /// At most `mostNames` of them.
    public var alternativeNames: [GeneralName]
    /// How many the certificate has.
    public var alternativeNameCount: Int
    public var publicKey: PublicKey
    /// `sha256WithRSAEncryption`, or an object identifier in dotted form.
    public var signatureAlgorithm: String
    /// The CA flag of the basic constraints; nil without them.
    public var isCA: Bool?
    /// How many CAs may follow below this one.
    public var pathLength: Int?
    /// RFC 5280's names, nil where the extension is absent.
    public var keyUsage: [String]?
    /// Short names, or object identifiers in dotted form.
    public var extendedKeyUsage: [String]
    /// SHA-256 over the certificate (32 bytes).
    public var fingerprint: [UInt8]

    public static let mostNames = 64

    public init(
        version: Int, serial: [UInt8], subject: String, issuer: String, notBefore: CertificateTime?,
        notAfter: CertificateTime?, alternativeNames: [GeneralName], alternativeNameCount: Int, publicKey: PublicKey,
        signatureAlgorithm: String, isCA: Bool?, pathLength: Int?, keyUsage: [String]?, extendedKeyUsage: [String],
        fingerprint: [UInt8]
    ) {
        self.version = version
        self.serial = serial
        self.subject = subject
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.alternativeNames = alternativeNames
        self.alternativeNameCount = alternativeNameCount
        self.publicKey = publicKey
        self.signatureAlgorithm = signatureAlgorithm
        self.isCA = isCA
        self.pathLength = pathLength
        self.keyUsage = keyUsage
        self.extendedKeyUsage = extendedKeyUsage
        self.fingerprint = fingerprint
    }

    /// Whether it was valid at `time` (RFC 5280 section 4.1.2.5: both ends belong to the period).
    public func validity(at time: Instant) -> Validity {
        guard let notBefore, let notAfter else { return .unreadable }
        let now = CertificateTime(time)
        if now < notBefore { return .notYetValid }
        return now > notAfter ? .expired : .valid
    }

    public enum Validity: Hashable, Sendable {
        case valid, notYetValid, expired
        /// A time in it does not decode.
        case unreadable
    }
}

/// A public key, as far as an engineer asks.
public struct PublicKey: Hashable, Sendable {
    /// `RSA`, `DSA`, `EC`, `Ed25519` …, or an object identifier in dotted form.
    public var kind: String
    /// `P-256` …; nil for other keys.
    public var curve: String?
    /// 0 when the key does not decode.
    public var bits: Int

    public init(kind: String, curve: String? = nil, bits: Int) {
        self.kind = kind
        self.curve = curve
        self.bits = bits
    }
}

/// One of the subject's alternative names (RFC 5280 section 4.2.1.6).
public enum GeneralName: Hashable, Sendable {
    case dns(String)
    case email(String)
    case uri(String)
    case address(IPAddress)
    case directory(String)
    /// A kind that IKE has no use for, by its context tag, or one whose value does not fit its kind.
    case other(tag: Int)
}

/// A time of a certificate in seconds since 1970-01-01 00:00:00 UTC: its years reach to 9999, beyond `Instant`.
public struct CertificateTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// The second that `instant` lies in.
    public init(_ instant: Instant) {
        let (whole, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        seconds = rest < 0 ? whole - 1 : whole
    }

    public static func < (a: CertificateTime, b: CertificateTime) -> Bool { a.seconds < b.seconds }

    /// `2026-11-24 12:00:00 UTC`.
    public var description: String {
        let (date, second) = parts
        return "\(date) \(second) UTC"
    }

    /// RFC 3339: `2026-11-24T12:00:00Z`.
    public var timestamp: String {
        let (date, second) = parts
        return "\(date)T\(second)Z"
    }

    private var parts: (date: String, time: String) {
        var days = seconds / 86_400
        var second = seconds % 86_400
        if second < 0 {
            second += 86_400
            days -= 1
        }
        let (year, month, day) = Self.civil(days)
        func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
        let padding = String(repeating: "0", count: max(0, 4 - String(year).count))
        return (
            "\(padding)\(year)-\(two(month))-\(two(day))",
            "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        )
    }

    /// The date of a day of the Gregorian calendar, counted from 1970-01-01; a year begins in March, so that leap days
    /// come last.
    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }
}

/// What a certificate revocation list says (RFC 5280 section 5).
public struct RevocationList: Hashable, Sendable {
    public var issuer: String
    public var thisUpdate: CertificateTime?
    public var nextUpdate: CertificateTime?
    public var signatureAlgorithm: String
    /// How many certificates it revokes.
    public var count: Int
    /// The first `mostEntries` of them.
    public var revoked: [Entry]

    public static let mostEntries = 64

    public struct Entry: Hashable, Sendable {
        /// Big-endian, without the sign.
        public var serial: [UInt8]
        public var time: CertificateTime?

        public init(serial: [UInt8], time: CertificateTime?) {
            self.serial = serial
            self.time = time
        }
    }

    public init(
        issuer: String, thisUpdate: CertificateTime?, nextUpdate: CertificateTime?, signatureAlgorithm: String,
        count: Int, revoked: [Entry]
    ) {
        self.issuer = issuer
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.signatureAlgorithm = signatureAlgorithm
        self.count = count
        self.revoked = revoked
    }
}
