import ScopeDissect
import ScopeModel
import ScopeWire

/// A certificate is by none of the authorities that the other side asks for, or it is refused for its issuer.
struct CertificateNotTrusted: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        RefusedProof.all(attempt).prefix(1).compactMap { proof in
            let wanted = Set(proof.requests.filter { !$0.isEmpty })
            guard let report = proof.message.certificates, proof.message.isOpened, !report.certificates.isEmpty else {
                return unread(attempt, proof, wanted)
            }
            return proof.asksByHash ? hashed(attempt, proof, wanted, report) : read(attempt, proof, wanted, report)
        }
    }

    /// The authorities are asked for by hashes of their keys, which certificates that they issued do not hold.
    private func hashed(
        _ attempt: Attempt, _ proof: RefusedProof, _ wanted: Set<String>, _ report: CertificateReport
    ) -> Finding? {
        // A responder that is refused chose its certificate by what was asked for.
        guard proof.role == .initiator, !wanted.isEmpty, proof.isTold([.failedAuthentication]),
            let index = report.subject,
            report.certificates.indices.contains(index), [.subject, .alternativeName].contains(report.identity),
            // A whole chain that was shown is refused for something else.
            !report.certificates.contains(where: { $0.issuer == .itself })
        else { return nil }
        let shown = report.certificates[index].certificate
        let other = attempt.address(proof.role.other)
        return finding(
            attempt, proof, .possible, issuer: shown.issuer,
            [
                "the certificate of \(attempt.address(proof.role)) is issued by \"\(shown.issuer)\", is valid, and names the identity that is claimed",
                "\(other) asks for certificates of \(Words.count(wanted.count, "CA")), by the hash of the CA's key: whether it is this one is not to be seen",
            ])
    }

    /// The certificates can be read.
    private func read(
        _ attempt: Attempt, _ proof: RefusedProof, _ wanted: Set<String>, _ report: CertificateReport
    ) -> Finding? {
        let isIssued = report.certificates.contains {
            wanted.contains($0.certificate.issuer) || wanted.contains($0.certificate.subject)
        }
        guard !isIssued else { return nil }
        let isTold = proof.isTold([.wrongCertificate, .wrongAuthority])
        guard !wanted.isEmpty || isTold else { return nil }
        let subject = report.subject.flatMap {
            report.certificates.indices.contains($0) ? report.certificates[$0] : nil
        }
        guard let shown = (subject ?? report.certificates.first)?.certificate else { return nil }
        return finding(
            attempt, proof, !wanted.isEmpty && proof.isRefused ? .proved : .likely, issuer: shown.issuer,
            [
                "the certificate of \(attempt.address(proof.role)) is issued by \"\(shown.issuer)\"",
                wanted.isEmpty
                    ? "\(attempt.address(proof.role.other)) names no CA in its requests"
                    : "\(attempt.address(proof.role.other)) asks for one issued by " + Self.list(wanted),
            ])
    }

    /// Whoever asks for the certificates of one CA mostly has one of it.
    private func unread(_ attempt: Attempt, _ proof: RefusedProof, _ wanted: Set<String>) -> Finding? {
        let own = Set(attempt.sent(by: proof.role).flatMap(\.requests).filter { !$0.isEmpty })
        guard proof.isRefused, !proof.message.isOpened, !wanted.isEmpty, !own.isEmpty, own.isDisjoint(with: wanted)
        else { return nil }
        return finding(
            attempt, proof, .likely, issuer: nil,
            [
                "\(attempt.address(proof.role)) asks for certificates issued by " + Self.list(own),
                "\(attempt.address(proof.role.other)) asks for certificates issued by \(Self.list(wanted)): no CA is in both lists",
            ])
    }

    private static func list(_ names: Set<String>) -> String {
        names.sorted().prefix(4).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 4 ? " …" : "")
    }

    private func finding(
        _ attempt: Attempt, _ proof: RefusedProof, _ certainty: Finding.Certainty, issuer: String?,
        _ evidence: [String]
    ) -> Finding {
        let (shower, other) = (attempt.address(proof.role), attempt.address(proof.role.other))
        return Finding(
            .certNotTrusted, certainty, peers: attempt.peers, frames: proof.frames,
            summary:
                "\(other) \(certainty == .possible ? "seems not to" : "does not") trust the CA of the certificate of \(shower)"
                + (issuer.map { ": \"\($0)\"" } ?? ""),
            evidence: evidence + [proof.reception(attempt)],
            advice: [
                Finding.Advice(
                    "import the CA certificate" + (issuer.map { " of \"\($0)\"" } ?? ""), on: other,
                    ios: ["crypto pki trustpoint TRUSTPOINT", "crypto pki authenticate TRUSTPOINT"]),
                Finding.Advice(
                    "or use a certificate of a CA that it trusts, and send the intermediate certificates with it",
                    on: shower,
                    ios: ["crypto pki enroll TRUSTPOINT"]),
            ],
            lookAlikes: certainty == .proved
                ? []
                : [
                    "a CRL that cannot be fetched (\(FindingID.certRevocation.text))",
                    "an identity that is refused (\(FindingID.idMismatch.text))",
                ])
    }
}
