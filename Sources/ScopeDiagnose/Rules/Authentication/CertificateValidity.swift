import ScopeDissect
import ScopeModel
import ScopeWire

/// A certificate that was out of its validity when it was shown.
struct CertificateValidity: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        attempt.messages.flatMap { message -> [Finding] in
            guard let report = message.certificates else { return [] }
            return report.payloads.flatMap { Array($0.certificates) }.compactMap { index in
                guard report.certificates.indices.contains(index) else { return nil }
                return finding(attempt, message, report.certificates[index].certificate)
            }
        }
    }

    private func finding(_ attempt: Attempt, _ message: Attempt.Message, _ certificate: Certificate) -> Finding? {
        let word: String
        switch certificate.validity(at: message.time) {
        case .expired: word = "expired"
        case .notYetValid: word = "not valid yet"
        case .valid, .unreadable: return nil
        }
        let shower = attempt.address(message.sender)
        let from = certificate.notBefore.map { "\($0)" } ?? "?"
        let to = certificate.notAfter.map { "\($0)" } ?? "?"
        return Finding(
            .certExpired, .proved, severity: attempt.isUp ? .warning : .error, peers: attempt.peers,
            frames: message.frames,
            summary: "the certificate that \(shower) sends is \(word): \"\(certificate.subject)\"",
            evidence: [
                "valid from \(from) to \(to); sent in \(Words.frames(message.frames)) by the capture's clock"
            ],
            advice: [
                Finding.Advice(
                    "renew it, or set the clock", on: shower, ios: ["show clock", "crypto pki enroll TRUSTPOINT"])
            ])
    }
}
