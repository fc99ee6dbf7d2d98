import ScopeDissect
import ScopeModel
import ScopeWire

/// What certificates mean: whom they name, when they are valid, and which of those that are shown signed which.
///
/// Trust is not claimed: only the peers know whom they trust.
extension MessageMeaning {
    func certificates() {
        guard let chain else { return }
        let report = message.certificates
        for (index, payload) in (chain.all(.certificate) + chain.all(.certificateV2)).enumerated() {
            guard case .certificate(let content) = payload.content else { continue }
            let contents = report.flatMap { index < $0.payloads.count ? $0.payloads[index] : nil }
            payloadMeaning(content, contents ?? CertificateContents(), report)
        }
        guard let report else { return }
        identityMatch(report)
        path(report)
    }

    private func payloadMeaning(
        _ content: CertificatePayload, _ contents: CertificateContents, _ report: CertificateReport?
    ) {
        let encoding = CertificateEncoding(rawValue: content.encoding)
        for index in contents.certificates { if let report { shown(report.certificates[index]) } }
        for index in contents.revocationLists { if let report { shown(report.revocationLists[index]) } }
        if let key = contents.publicKey {
            notes.note(sender, " sends a public key without a certificate: ", .foreign(Wording.key(key)))
        }
        if let location = content.location, let chain {
            notes.note(
                sender, .text(encoding == .hashAndURL ? " names a certificate" : " names a bundle of certificates"),
                " that can be fetched from \"", .foreign(location.url), "\", its SHA-1 ",
                .text(String(hex: chain.slice(location.hash))))
        } else if let fault = contents.fault {
            notes.warning(
                "what ", sender, " sends as ", .text(encoding.name ?? "a certificate of encoding \(content.encoding)"),
                ": ", .text(fault.description))
        } else if contents.certificates.isEmpty, contents.revocationLists.isEmpty, contents.publicKey == nil {
            notes.note(
                sender, " sends a certificate of encoding ", .text(encoding.description),
                .text(", which is kept as its \(content.data.count) bytes"))
        }
    }

    private func shown(_ shown: ShownCertificate) {
        let certificate = shown.certificate
        var parts: [Part] = [
            sender, " sends the certificate of \"", .foreign(certificate.subject), "\" (",
            .foreign(Wording.key(certificate.publicKey)), certificate.isCA == true ? ", a CA" : "", "), issued by \"",
            .foreign(certificate.issuer), "\"",
        ]
        if let from = certificate.notBefore, let to = certificate.notAfter {
            parts.append(.text(", valid \(from) to \(to)"))
        }
        notes.note(parts)
        switch shown.validity {
        case .valid: break
        case .expired:
            notes.warning("the certificate of \"", .foreign(certificate.subject), "\" had expired when this was sent")
        case .notYetValid:
            notes.warning(
                "the certificate of \"", .foreign(certificate.subject), "\" was not yet valid when this was sent")
        case .unreadable:
            notes.warning("the validity of the certificate of \"", .foreign(certificate.subject), "\" does not decode")
        }
        if shown.isRevoked {
            notes.warning("a CRL that was sent revokes the certificate of \"", .foreign(certificate.subject), "\"")
        }
    }

    private func shown(_ list: RevocationList) {
        var parts: [Part] = [sender, " sends a CRL of \"", .foreign(list.issuer), "\""]
        if let time = list.thisUpdate { parts.append(.text(" of \(time)")) }
        if let next = list.nextUpdate { parts.append(.text(", the next one due \(next)")) }
        notes.note(parts + [.text(": \(Wording.count(list.count, "certificate")) revoked")])
    }

    // MARK: Identity

    private func identityMatch(_ report: CertificateReport) {
        guard let index = report.subject, let match = report.identity else { return }
        let certificate = report.certificates[index].certificate
        let name: [Part] = ["the certificate of \"", .foreign(certificate.subject), "\""]
        switch match {
        case .subject: notes.note(["the identity is the subject of "] + name)
        case .alternativeName: notes.note(["the identity is one of the alternative names in "] + name)
        case .notComparable: break
        case .commonNameOnly:
            notes.warning(
                ["the identity is the common name in "] + name + [
                    " and no alternative name, but RFC 4945 looks only at alternative names", names(certificate),
                ])
        case .absent:
            notes.warning(
                ["the identity is not in "] + name + [
                    ": a peer that follows RFC 4945 refuses it", names(certificate),
                ])
        }
    }

    private func names(_ certificate: Certificate) -> Part {
        guard certificate.alternativeNameCount > 0 else { return "; it has no alternative names" }
        let names = certificate.alternativeNames.prefix(8).map(Wording.name)
        let more = certificate.alternativeNameCount - names.count
        return .foreign(
            "; its alternative names are \(names.joined(separator: ", "))\(more > 0 ? " and \(more) more" : "")")
    }

    // MARK: Chain

    /// From the sender's certificate upwards, as far as signatures fit keys that are shown.
    private func path(_ report: CertificateReport) {
        guard let start = report.subject else { return }
        var index = start
        var seen: Set<Int> = []
        while seen.insert(index).inserted {
            let shown = report.certificates[index]
            let name: [Part] = ["\"", .foreign(shown.certificate.subject), "\""]
            switch shown.issuer {
            case .shown(let above):
                notes.note(
                    ["the signature on the certificate of "] + name + [
                        " fits the key of \"", .foreign(report.certificates[above].certificate.subject),
                        "\", which is sent as well",
                    ])
                index = above
            case .itself:
                notes.note(
                    ["the certificate of "] + name + [
                        " is signed with its own key: only the peer knows whether it is trusted"
                    ])
                return
            case .absent:
                notes.note(
                    "the chain ends at \"", .foreign(shown.certificate.issuer),
                    "\", whose certificate is not sent: only the peer knows whether it is trusted")
                return
            case .mismatch:
                notes.warning(
                    "no certificate of \"", .foreign(shown.certificate.issuer),
                    "\" that is sent has the key that signed the certificate of \"",
                    .foreign(shown.certificate.subject), "\"")
                return
            }
        }
    }
}
