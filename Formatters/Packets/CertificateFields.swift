import ScopeDissect
import ScopeModel
import ScopeWire

/// What CERT payloads hold, as fields beneath theirs.
struct CertificateFields {
    let chain: PayloadChain
    let report: CertificateReport

    /// `nodes` with the fields of each certificate beneath the CERT payload that holds it; `nodes` are those of the
    /// chain, moved by `distance`.
    func added(to nodes: [FieldNode], movedBy distance: Int) -> [FieldNode] {
        var nodes = nodes
        for (index, payload) in chain.all(.certificate).enumerated() where index < report.payloads.count {
            guard case .certificate(let content) = payload.content else { continue }
            let start = payload.range.lowerBound + distance
            guard let place = nodes.firstIndex(where: { $0.range.lowerBound == start && $0.name == payload.name })
            else { continue }
            nodes[place].children += fields(report.payloads[index], content.data).map { $0.moved(by: distance) }
        }
        return nodes
    }

    private func fields(_ contents: CertificateContents, _ data: Range<Int>) -> [FieldNode] {
        var nodes: [FieldNode] = []
        // A certificate that stands alone has its fields at their offsets; those of a bundle have the bundle's.
        let isAlone = contents.certificates.count == 1 && contents.revocationLists.isEmpty
        for index in contents.certificates {
            let layout = isAlone ? CertificateLayout(chain.slice(data)) : nil
            nodes.append(certificate(report.certificates[index], layout, data))
        }
        for index in contents.revocationLists { nodes.append(list(report.revocationLists[index], data)) }
        if let key = contents.publicKey { nodes.append(Self.said("public key", data, Wording.key(key))) }
        if let fault = contents.fault { nodes.append(Self.said("fault", data, fault.description)) }
        return nodes
    }

    /// A field that says `text`; its bytes are shown above.
    private static func said(_ name: String, _ range: Range<Int>, _ text: String) -> FieldNode {
        FieldNode(name, range, .text(text))
    }

    private func certificate(_ shown: ShownCertificate, _ layout: CertificateLayout?, _ data: Range<Int>) -> FieldNode {
        let certificate = shown.certificate
        let extensions = layout?.extensions ?? data
        var fields = [
            Self.said("serial number", layout?.serial ?? data, String(hex: certificate.serial)),
            Self.said("issuer", layout?.issuer ?? data, certificate.issuer),
        ]
        if let time = certificate.notBefore {
            fields.append(Self.said("not before", layout?.notBefore ?? data, time.description))
        }
        if let time = certificate.notAfter {
            fields.append(Self.said("not after", layout?.notAfter ?? data, time.description))
        }
        fields.append(Self.said("subject", layout?.subject ?? data, certificate.subject))
        fields.append(Self.said("public key", layout?.publicKey ?? data, Wording.key(certificate.publicKey)))
        for name in certificate.alternativeNames {
            fields.append(Self.said("alternative name", extensions, Wording.name(name)))
        }
        let left = certificate.alternativeNameCount - certificate.alternativeNames.count
        if left > 0 { fields.append(Self.said("alternative name", extensions, "\(left) more")) }
        if let isCA = certificate.isCA {
            let length = certificate.pathLength.map { ", path length \($0)" } ?? ""
            fields.append(Self.said("basic constraints", extensions, (isCA ? "CA" : "not a CA") + length))
        }
        if let usage = certificate.keyUsage {
            fields.append(Self.said("key usage", extensions, usage.joined(separator: ", ")))
        }
        if !certificate.extendedKeyUsage.isEmpty {
            let usage = certificate.extendedKeyUsage.joined(separator: ", ")
            fields.append(Self.said("extended key usage", extensions, usage))
        }
        fields.append(
            Self.said("signature algorithm", layout?.signatureAlgorithm ?? data, certificate.signatureAlgorithm))
        fields.append(Self.said("SHA-256 fingerprint", data, String(hex: certificate.fingerprint)))
        return FieldNode("certificate", data, .structure, children: fields)
    }

    private func list(_ list: RevocationList, _ data: Range<Int>) -> FieldNode {
        var fields = [
            Self.said("signature algorithm", data, list.signatureAlgorithm), Self.said("issuer", data, list.issuer),
        ]
        if let time = list.thisUpdate { fields.append(Self.said("this update", data, time.description)) }
        if let time = list.nextUpdate { fields.append(Self.said("next update", data, time.description)) }
        fields.append(Self.said("revoked", data, Wording.count(list.count, "certificate")))
        for entry in list.revoked {
            let time = entry.time.map { " on \($0)" } ?? ""
            fields.append(Self.said("revoked serial number", data, String(hex: entry.serial) + time))
        }
        return FieldNode("CRL", data, .structure, children: fields)
    }
}
