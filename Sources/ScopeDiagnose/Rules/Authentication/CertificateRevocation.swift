import ScopeDissect
import ScopeModel
import ScopeWire

/// A certificate is on a CRL that came along, or is refused after a pause in which a CRL may have been looked for.
struct CertificateRevocation: AttemptRule {
    /// No device takes so long to check a signature.
    private static let pause: Int64 = 2_000_000_000

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        if let revoked = revoked(attempt) { return [revoked] }
        return RefusedProof.all(attempt).prefix(1).compactMap { proof in
            guard let answer = proof.answers.first else { return nil }
            // The first one may have been lost: since it was sent last.
            let since = proof.message.lastTime < answer.time ? proof.message.lastTime : proof.message.time
            guard answer.time.since(since) >= Self.pause,
                !answer.isOpened || proof.isTold([.wrongCertificate, .failedAuthentication])
            else { return nil }
            let other = attempt.address(proof.role.other)
            let wait = Words.seconds(from: proof.message.time, to: answer.time)
            return Finding(
                .certRevocation, .possible, peers: attempt.peers, frames: proof.frames,
                summary:
                    "\(other) refuses the certificate of \(attempt.address(proof.role)) after \(wait): it may not reach the CRL",
                evidence: [
                    "\(wait) between \(proof.name) and the answer; a signature takes milliseconds",
                    proof.reception(attempt),
                ],
                advice: [
                    Finding.Advice(
                        "check whether it reaches the CRL server that the certificate names (DNS, HTTP, LDAP)",
                        on: other, ios: ["show crypto pki crls", "debug crypto pki transactions"]),
                    Finding.Advice(
                        "or switch the check off where the policy allows that", on: other,
                        ios: ["crypto pki trustpoint TRUSTPOINT", " revocation-check crl none"]),
                ],
                lookAlikes: [
                    "a slow device", "a CA that is not trusted (\(FindingID.certNotTrusted.text))",
                    "an identity that is refused (\(FindingID.idMismatch.text))",
                ])
        }
    }

    private func revoked(_ attempt: Attempt) -> Finding? {
        for message in attempt.messages {
            guard let shown = message.certificates?.certificates.first(where: \.isRevoked) else { continue }
            let shower = attempt.address(message.sender)
            return Finding(
                .certRevocation, .proved, severity: attempt.isUp ? .warning : .error, peers: attempt.peers,
                frames: message.frames,
                summary: "the certificate of \(shower) is revoked: \"\(shown.certificate.subject)\"",
                evidence: ["the CRL that is sent with it, from the same issuer, lists it"],
                advice: [
                    Finding.Advice("enroll a new certificate", on: shower, ios: ["crypto pki enroll TRUSTPOINT"])
                ])
        }
        return nil
    }
}
