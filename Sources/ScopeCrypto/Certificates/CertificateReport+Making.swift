import COpenSSL
import ScopeDissect
import ScopeModel
import ScopeWire

extension CertificateReport {
    /// What the CERT payloads of `chain` say; nil when it has none, and nothing earlier is needed for its identity.
    init?(_ chain: PayloadChain, _ context: CertificateContext) {
        let carried = chain.carriedCertificates
        let isProof = chain.contains(.signature)
        guard !carried.isEmpty || isProof && !context.earlier.isEmpty else { return nil }
        var bag = CertificateBag(carried)
        let contents = bag.contents
        let ownLists = bag.lists
        // A message that is seen again is one of the earlier ones.
        for entry in context.earlier where !carried.contains(entry) { bag.add(entry) }
        var shown = bag.certificates.map { object -> ShownCertificate in
            let certificate = Certificate(object)
            return ShownCertificate(
                certificate: certificate, validity: certificate.validity(at: context.time),
                isRevoked: bag.lists.contains { $0.lists(object) },
                isSigner: context.signer.map { $0 == object.fingerprint } ?? false)
        }
        let issuers = Issuers(bag.certificates)
        for index in shown.indices { shown[index].issuer = issuers.issuer(of: index) }
        let identity = (chain.body(of: .identification) ?? context.identity).flatMap { IdentityClaim($0) }
        let subject = Self.subject(shown, objects: bag.certificates, identity)
        var match: IdentityMatch?
        if let subject, let identity {
            match = identity.match(shown[subject].certificate, bag.certificates[subject])
        }
        self.init(
            payloads: contents, certificates: shown, revocationLists: ownLists.map { RevocationList($0) },
            subject: subject, identity: match)
        isSignatureUnfit = isProof && context.signer?.isEmpty ?? false
    }

    /// The signer; else the one that the identity names, else the first that is no CA's, else the first.
    private static func subject(
        _ shown: [ShownCertificate], objects: [X509Object], _ identity: IdentityClaim?
    ) -> Int? {
        if let signer = shown.firstIndex(where: \.isSigner) { return signer }
        let ends = shown.indices.filter { shown[$0].certificate.isCA != true }
        if let identity {
            let named = ends.first {
                let match = identity.match(shown[$0].certificate, objects[$0])
                return match == .subject || match == .alternativeName
            }
            if let named { return named }
        }
        return ends.first ?? shown.indices.first
    }
}

/// Who of some certificates issued which (RFC 5280 section 6.1, its names and signatures alone).
private struct Issuers {
    private let objects: [X509Object]

    init(_ objects: [X509Object]) { self.objects = objects }

    func issuer(of index: Int) -> ShownCertificate.Issuer {
        let object = objects[index]
        if object.names(issuer: object), object.isSigned(by: object) { return .itself }
        let named = objects.indices.filter { $0 != index && object.names(issuer: objects[$0]) }
        // One that is shown often is tried once, and of many with one name not all.
        var tried: Set<[UInt8]> = []
        for candidate in named where tried.count < 4 && tried.insert(objects[candidate].fingerprint).inserted {
            if object.isSigned(by: objects[candidate]) { return .shown(candidate) }
        }
        return named.isEmpty ? .absent : .mismatch
    }
}

/// The identity of an ID payload, to be looked for in a certificate.
private struct IdentityClaim {
    let identity: Identity
    /// The encoding of a distinguished name.
    let data: [UInt8]

    /// `body` is that of the payload: four bytes, then the identity.
    init?(_ body: [UInt8]) {
        guard body.count > 4 else { return nil }
        data = Array(body.dropFirst(4))
        identity = Identity(IdentificationType(rawValue: body[0]), data)
    }

    func match(_ certificate: Certificate, _ object: X509Object) -> IdentityMatch {
        let names = certificate.alternativeNames
        switch identity {
        case .address(let address): return names.contains(.address(address)) ? .alternativeName : .absent
        case .fqdn(let name):
            if names.contains(where: { $0.isDNS(name) }) { return .alternativeName }
            return hasCommonName(name, object) ? .commonNameOnly : .absent
        case .userFQDN(let name):
            return names.contains(where: { $0.isEmail(name) }) ? .alternativeName : .absent
        case .distinguishedName: return isSubject(of: object) ? .subject : .absent
        case .subnet, .range, .keyID, .other: return .notComparable
        }
    }

    /// By libcrypto's comparison, which knows that case and doubled blanks do not count (RFC 5280 section 7.1).
    private func isSubject(of object: X509Object) -> Bool {
        defer { ERR_clear_error() }
        let name = data.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var position = buffer.baseAddress
            return d2i_X509_NAME(nil, &position, buffer.count)
        }
        guard let name else { return false }
        defer { X509_NAME_free(name) }
        return X509_NAME_cmp(name, X509_get_subject_name(object.pointer)) == 0
    }

    private func hasCommonName(_ wanted: String, _ object: X509Object) -> Bool {
        let name = X509_get_subject_name(object.pointer)
        var index: Int32 = -1
        while true {
            index = X509_NAME_get_index_by_NID(name, NID_commonName, index)
            guard index >= 0, let entry = X509_NAME_get_entry(name, index) else { return false }
            let text = String(decoding: ASN1.bytes(X509_NAME_ENTRY_get_data(entry)), as: UTF8.self)
            if text.isSameASCII(wanted) { return true }
        }
    }
}

extension GeneralName {
    fileprivate func isDNS(_ name: String) -> Bool {
        if case .dns(let own) = self { own.isSameASCII(name) } else { false }
    }

    /// The part behind the @ is a domain name, whose case does not count; before it, it does (RFC 5280 section 7.5).
    fileprivate func isEmail(_ name: String) -> Bool {
        guard case .email(let own) = self else { return false }
        let (a, b) = (own.utf8.lastIndex(of: 0x40), name.utf8.lastIndex(of: 0x40))
        guard let a, let b else { return own == name }
        return own[..<a] == name[..<b] && String(own[a...]).isSameASCII(String(name[b...]))
    }
}

extension String {
    /// Equal but for the case of ASCII letters.
    fileprivate func isSameASCII(_ other: String) -> Bool {
        utf8.elementsEqual(other.utf8) { a, b in
            a == b || (a | 0x20 == b | 0x20 && (0x61...0x7a).contains(a | 0x20))
        }
    }
}
