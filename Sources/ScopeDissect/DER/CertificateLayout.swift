/// Where the fields of an X.509 certificate stand (RFC 5280 section 4.1), for views that show offsets.
public struct CertificateLayout: Hashable, Sendable {
    public var serial: Range<Int>
    public var issuer: Range<Int>
    public var notBefore: Range<Int>
    public var notAfter: Range<Int>
    public var subject: Range<Int>
    public var publicKey: Range<Int>
    /// The [3] extensions; nil where there are none.
    public var extensions: Range<Int>?
    public var signatureAlgorithm: Range<Int>
    public var signature: Range<Int>

    /// The fields of the certificate at the beginning of `bytes`, each with its tag and length.
    ///
    /// Offsets count as those of the slice do. Nil when the certificate does not decode.
    public init?(_ bytes: ArraySlice<UInt8>) {
        var outer = DERReader(bytes)
        guard let certificate = outer.next(DERReader.sequence) else { return nil }
        var parts = DERReader(certificate)
        guard let toBeSigned = parts.next(DERReader.sequence), let algorithm = parts.nextRange(),
            let signature = parts.nextRange()
        else { return nil }
        signatureAlgorithm = algorithm
        self.signature = signature
        var fields = DERReader(toBeSigned)
        guard var first = fields.nextRange() else { return nil }
        // [0] version is left out in version 1.
        if bytes[first.lowerBound] == 0xA0 {
            guard let serial = fields.nextRange() else { return nil }
            first = serial
        }
        serial = first
        guard fields.next() != nil, let issuer = fields.nextRange(), let validity = fields.next(DERReader.sequence)
        else { return nil }
        self.issuer = issuer
        var times = DERReader(validity)
        guard let from = times.nextRange(), let to = times.nextRange(), let subject = fields.nextRange(),
            let key = fields.nextRange()
        else { return nil }
        notBefore = from
        notAfter = to
        self.subject = subject
        publicKey = key
        // Unique identifiers, [1] and [2], may stand before them.
        while let part = fields.nextRange() {
            if bytes[part.lowerBound] == 0xA3 { extensions = part }
        }
    }
}

extension DERReader {
    /// The offsets of the next element, from its tag to its end.
    mutating func nextRange() -> Range<Int>? {
        let start = position
        guard let element = next() else { return nil }
        return start..<element.content.endIndex
    }
}
