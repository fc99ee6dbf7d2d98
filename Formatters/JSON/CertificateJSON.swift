import ScopeDissect
import ScopeModel
import ScopeWire

/// What CERT payloads hold, as members of the payload and of the message.
extension JSONWriter {
    /// The members of a CERT payload, beside its encoding and its bytes.
    mutating func write(_ contents: CertificateContents, of report: CertificateReport) {
        if let fault = contents.fault { writeString("fault", fault.description) }
        if let key = contents.publicKey { writeObject("public_key") { $0.write(key) } }
        if !contents.certificates.isEmpty {
            writeList("certificates") { list in
                for index in contents.certificates {
                    list.writeObject { $0.write(report.certificates[index], report) }
                }
            }
        }
        if !contents.revocationLists.isEmpty {
            writeList("crls") { list in
                for index in contents.revocationLists {
                    list.writeObject { $0.write(report.revocationLists[index]) }
                }
            }
        }
    }

    /// How the certificates fit the sender: a member of the message.
    mutating func writeCertificateCheck(_ report: CertificateReport) {
        guard let subject = report.subject else { return }
        writeObject("certificate_check") { json in
            json.writeString("subject", report.certificates[subject].certificate.subject)
            json.writeHex("fingerprint", report.certificates[subject].certificate.fingerprint)
            json.writeWord("validity", report.certificates[subject].validity.word)
            if let identity = report.identity { json.writeWord("identity", identity.word) }
            json.writeBool("signed_message", report.certificates[subject].isSigner)
            json.writeList("chain") { list in
                var index = subject
                var seen: Set<Int> = []
                while seen.insert(index).inserted {
                    list.writeObject { $0.writeLink(report.certificates[index], report) }
                    guard case .shown(let above) = report.certificates[index].issuer else { return }
                    index = above
                }
            }
        }
    }

    private mutating func writeLink(_ shown: ShownCertificate, _ report: CertificateReport) {
        writeString("subject", shown.certificate.subject)
        writeString("issuer", shown.certificate.issuer)
        writeIssuer(shown, report)
    }

    private mutating func writeIssuer(_ shown: ShownCertificate, _ report: CertificateReport) {
        switch shown.issuer {
        case .shown(let above):
            writeWord("signed_by", "shown")
            writeHex("issuer_fingerprint", report.certificates[above].certificate.fingerprint)
        case .itself: writeWord("signed_by", "itself")
        case .mismatch: writeWord("signed_by", "none of the issuer's name")
        case .absent: writeWord("signed_by", "not shown")
        }
    }

    private mutating func write(_ shown: ShownCertificate, _ report: CertificateReport) {
        let certificate = shown.certificate
        writeNumber("version", certificate.version)
        writeHex("serial", certificate.serial)
        writeString("subject", certificate.subject)
        writeString("issuer", certificate.issuer)
        if let time = certificate.notBefore { writeString("not_before", time.timestamp) }
        if let time = certificate.notAfter { writeString("not_after", time.timestamp) }
        writeWord("validity", shown.validity.word)
        if certificate.alternativeNameCount > 0 {
            writeList("alternative_names") { list in
                for name in certificate.alternativeNames { list.writeObject { $0.write(name) } }
            }
            writeNumber("alternative_name_count", certificate.alternativeNameCount)
        }
        writeObject("public_key") { $0.write(certificate.publicKey) }
        writeString("signature_algorithm", certificate.signatureAlgorithm)
        if let isCA = certificate.isCA { writeBool("ca", isCA) }
        if let length = certificate.pathLength { writeNumber("path_length", length) }
        if let usage = certificate.keyUsage { writeWords("key_usage", usage) }
        if !certificate.extendedKeyUsage.isEmpty { writeWords("extended_key_usage", certificate.extendedKeyUsage) }
        writeHex("fingerprint", certificate.fingerprint)
        if shown.isRevoked { writeBool("revoked", true) }
        writeIssuer(shown, report)
    }

    private mutating func writeWords(_ name: StaticString, _ words: [String]) {
        writeList(name) { list in for word in words { list.writeElement(word) } }
    }

    private mutating func write(_ key: PublicKey) {
        writeString("kind", key.kind)
        if let curve = key.curve { writeString("curve", curve) }
        writeNumber("bits", key.bits)
    }

    private mutating func write(_ name: GeneralName) {
        switch name {
        case .dns(let text): writeString("dns", text)
        case .email(let text): writeString("email", text)
        case .uri(let text): writeString("uri", text)
        case .address(let address): writeAddress("ip", address)
        case .directory(let text): writeString("directory", text)
        case .other(let tag): writeNumber("other", tag)
        }
    }

    private mutating func write(_ crl: RevocationList) {
        writeString("issuer", crl.issuer)
        if let time = crl.thisUpdate { writeString("this_update", time.timestamp) }
        if let time = crl.nextUpdate { writeString("next_update", time.timestamp) }
        writeString("signature_algorithm", crl.signatureAlgorithm)
        writeNumber("count", crl.count)
        writeList("revoked") { list in
            for entry in crl.revoked {
                list.writeObject { json in
                    json.writeHex("serial", entry.serial)
                    if let time = entry.time { json.writeString("time", time.timestamp) }
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
