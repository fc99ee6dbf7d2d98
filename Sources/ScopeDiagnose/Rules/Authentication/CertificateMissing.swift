import ScopeDissect
import ScopeModel
import ScopeWire

/// A side signs and shows no certificate, and the other one has none of it.
struct CertificateMissing: AttemptRule {
    /// A message 5 or 6 with a certificate in it is longer than one with a signature of 4096 bits alone.
    private static let short = 700

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        RefusedProof.all(attempt).prefix(1).compactMap { proof in
            let message = proof.message
            let isShown = message.isOpened && message.hasSignature && !message.hasCertificate
            let isShort =
                !message.isOpened && message.isEncrypted && !message.isFragmented && message.length < Self.short
                && proof.requests.isEmpty && isAsked(attempt, proof)
            guard isShown || isShort else { return nil }
            return finding(attempt, proof, isShown)
        }
    }

    /// The messages in which the other side could have asked were seen.
    private func isAsked(_ attempt: Attempt, _ proof: RefusedProof) -> Bool {
        attempt.first(proof.role == .initiator ? .mainMode(4) : .mainMode(3)) != nil
    }

    private func finding(_ attempt: Attempt, _ proof: RefusedProof, _ isShown: Bool) -> Finding {
        let (shower, other) = (attempt.address(proof.role), attempt.address(proof.role.other))
        let asked = proof.requests.isEmpty
        return Finding(
            .certMissingReq, .likely, peers: attempt.peers, frames: proof.frames,
            summary: asked
                ? "\(shower) sends no certificate, because \(other) does not ask for one"
                : "\(shower) sends no certificate, although \(other) asks for one",
            evidence: [
                isShown
                    ? "\(proof.name) of \(shower) has a signature, but no CERT payload"
                    : "\(proof.name) of \(shower) has \(proof.message.length) bytes: too few for a certificate",
                asked
                    ? "no message of \(other) has a CERTREQ payload"
                    : "\(other) asks for one issued by " + names(proof.requests), proof.reception(attempt),
            ],
            advice: [
                Finding.Advice(
                    "ask for certificates: configure a trustpoint for the CA that issued the certificate of the peer",
                    on: other,
                    ios: ["crypto pki trustpoint TRUSTPOINT", "crypto pki authenticate TRUSTPOINT"]),
                Finding.Advice(
                    "or send the certificate without being asked (strongSwan: send_cert = always), or enroll one",
                    on: shower, ios: ["crypto pki enroll TRUSTPOINT", "show crypto pki certificates"]),
            ],
            lookAlikes: [
                "a CA that is not trusted (\(FindingID.certNotTrusted.text))",
                "an identity that is refused (\(FindingID.idMismatch.text))",
            ])
    }

    private func names(_ requests: [String]) -> String {
        let named = requests.filter { !$0.isEmpty }
        return named.isEmpty ? "no name" : named.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
