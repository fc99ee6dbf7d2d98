import ScopeDissect
import ScopeModel
import ScopeWire

/// A signature does not fit the certificate that speaks for its sender.
struct SignatureInvalid: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // What goes on regardless was checked with another certificate.  Keys that open nothing may be wrong themselves.
        guard case .opened = attempt.keys, !attempt.isUp else { return [] }
        return attempt.messages.compactMap { message in
            guard let report = message.certificates, report.isSignatureUnfit, let index = report.subject,
                report.certificates.indices.contains(index),
                [.subject, .alternativeName].contains(report.identity)
            else { return nil }
            let signer = attempt.address(message.sender)
            let certificate = report.certificates[index].certificate
            let answers = attempt.reactions(to: message)
            return Finding(
                .sigInvalid, .proved, peers: attempt.peers,
                frames: Attempt.frames([message] + answers.prefix(1)),
                summary:
                    "the signature of \(signer) was not made with the key of its certificate \"\(certificate.subject)\"",
                evidence: [
                    "\(attempt.nameOfSignature(of: message.sender)) was checked with the key of each certificate that \(signer) sends (\(certificate.publicKey.kind), \(certificate.publicKey.bits) bits): it matches none",
                    "the certificate has the identity that \(signer) claims",
                ],
                advice: [
                    Finding.Advice(
                        "use the private key that belongs to the certificate, or enroll again with the key that it has",
                        on: signer, ios: ["show crypto key mypubkey rsa", "crypto pki enroll TRUSTPOINT"])
                ])
        }
    }
}
