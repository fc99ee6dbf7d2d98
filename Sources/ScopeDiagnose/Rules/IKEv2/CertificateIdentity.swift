import ScopeDissect
import ScopeModel
import ScopeWire

/// A side says that it is somebody whom its certificate does not name, and is refused.
struct CertificateIdentity: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        RefusedProof.all(attempt).prefix(1).compactMap { proof in
            guard let report = proof.message.certificates,
                report.identity == .absent || report.identity == .commonNameOnly, let index = report.subject,
                report.certificates.indices.contains(index), let identity = proof.message.identification
            else { return nil }
            let certificate = report.certificates[index].certificate
            let (shower, other) = (attempt.address(proof.role), attempt.address(proof.role.other))
            return Finding(
                .certWrongIdentity, .likely, peers: attempt.peers, frames: proof.frames,
                summary: "the certificate of \(shower) does not name \(Words.identity(identity)), which it says it is",
                evidence: [
                    "the certificate is for \"\(certificate.subject)\"", proof.reception(attempt),
                ],
                advice: [
                    Finding.Advice(
                        "send an identity that is in the certificate, or enroll one with this name", on: shower,
                        ios: ["crypto ikev2 profile NAME", " identity local dn"])
                ],
                lookAlikes: [
                    "a CA that is not trusted (\(FindingID.certNotTrusted.text))",
                    "an identity that \(other) does not expect (\(FindingID.idMismatch.text))",
                ])
        }
    }
}
