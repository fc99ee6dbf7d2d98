import ScopeDissect
import ScopeModel
import ScopeWire

/// What CERT payloads hold, as members of the payload and of the message.
extension JSONWriter {
    /// The members of a CERT payload, beside its encoding and its bytes.
    mutating func write(_ contents: CertificateContents, of report: CertificateReport) {
        if let fault = contents.fault { string("fault", fault.description) }
        if let key = contents.publicKey { object("public_key") { $0.write(key) } }
        if !contents.certificates.isEmpty {
            list("certificates") { list in
                for index in contents.certificates {
                    list.object { $0.write(report.certificates[index], report) }
                }
            }
        }
        if !contents.revocationLists.isEmpty {
            list("crls") { list in
                for index in contents.revocationLists {
                    list.object { $0.write(report.revocationLists[index]) }
                }
            }
        }
    }

    /// How the certificates fit the sender: a member of the message.
    mutating func certificateCheck(_ report: CertificateReport) {
        guard let subject = report.subject else { return }
        object("certificate_check") { json in
            json.string("subject", report.certificates[subject].certificate.subject)
            json.hex("fingerprint", report.certificates[subject].certificate.fingerprint)
            json.word("validity", report.certificates[subject].validity.word)
            if let identity = report.identity { json.word("identity", identity.word) }
            json.bool("signed_message", report.certificates[subject].isSigner)
            json.list("chain") { list in
                var index = subject
                var seen: Set<Int> = []
                while seen.insert(index).inserted {
                    list.object { $0.link(report.certificates[index], report) }
                    guard case .shown(let above) = report.certificates[index].issuer else { return }
                    index = above
                }
            }
        }
    }

    private mutating func link(_ shown: ShownCertificate, _ report: CertificateReport) {
        string("subject", shown.certificate.subject)
        string("issuer", shown.certificate.issuer)
        issuer(shown, report)
    }

    private mutating func issuer(_ shown: ShownCertificate, _ report: CertificateReport) {
        switch shown.issuer {
        case .shown(let above):
            word("signed_by", "shown")
            hex("issuer_fingerprint", report.certificates[above].certificate.fingerprint)
        case .itself: word("signed_by", "itself")
        case .mismatch: word("signed_by", "none of the issuer's name")
        case .absent: word("signed_by", "not shown")
        }
    }

    private mutating func write(_ shown: ShownCertificate, _ report: CertificateReport) {
        let certificate = shown.certificate
        number("version", certificate.version)
        hex("serial", certificate.serial)
        string("subject", certificate.subject)
        string("issuer", certificate.issuer)
        if let time = certificate.notBefore { string("not_before", time.timestamp) }
        if let time = certificate.notAfter { string("not_after", time.timestamp) }
        word("validity", shown.validity.word)
        if certificate.alternativeNameCount > 0 {
            list("alternative_names") { list in
                for name in certificate.alternativeNames { list.object { $0.write(name) } }
            }
            number("alternative_name_count", certificate.alternativeNameCount)
        }
        object("public_key") { $0.write(certificate.publicKey) }
        string("signature_algorithm", certificate.signatureAlgorithm)
        if let isCA = certificate.isCA { bool("ca", isCA) }
        if let length = certificate.pathLength { number("path_length", length) }
        if let usage = certificate.keyUsage { words("key_usage", usage) }
        if !certificate.extendedKeyUsage.isEmpty { words("extended_key_usage", certificate.extendedKeyUsage) }
        hex("fingerprint", certificate.fingerprint)
        if shown.isRevoked { bool("revoked", true) }
        issuer(shown, report)
    }

    private mutating func words(_ name: StaticString, _ words: [String]) {
        list(name) { list in for word in words { list.element(word) } }
    }

    private mutating func write(_ key: PublicKey) {
        string("kind", key.kind)
        if let curve = key.curve { string("curve", curve) }
        number("bits", key.bits)
    }

    private mutating func write(_ name: GeneralName) {
        switch name {
        case .dns(let text): string("dns", text)
        case .email(let text): string("email", text)
        case .uri(let text): string("uri", text)
        case .address(let address): self.address("ip", address)
        case .directory(let text): string("directory", text)
        case .other(let tag): number("other", tag)
        }
    }

    private mutating func write(_ crl: RevocationList) {
        string("issuer", crl.issuer)
        if let time = crl.thisUpdate { string("this_update", time.timestamp) }
        if let time = crl.nextUpdate { string("next_update", time.timestamp) }
        string("signature_algorithm", crl.signatureAlgorithm)
        number("count", crl.count)
        list("revoked") { list in
            for entry in crl.revoked {
                list.object { json in
                    json.hex("serial", entry.serial)
                    if let time = entry.time { json.string("time", time.timestamp) }
                }
            }
        }
    }
}

extension Certificate.Validity {
    fileprivate var word: StaticString {
        switch self {
        case .valid: "valid"
        case .notYetValid: "not-yet-valid"
        case .expired: "expired"
        case .unreadable: "unreadable"
        }
    }
}

extension IdentityMatch {
    fileprivate var word: StaticString {
        switch self {
        case .subject: "subject"
        case .alternativeName: "alternative-name"
        case .commonNameOnly: "common-name-only"
        case .absent: "absent"
        case .notComparable: "not-comparable"
        }
    }
}
