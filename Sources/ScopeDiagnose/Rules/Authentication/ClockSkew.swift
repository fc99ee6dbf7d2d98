import ScopeDissect
import ScopeModel
import ScopeWire

/// A clock is not right: a certificate of the future, or a time in a vendor ID.
struct ClockSkew: AttemptRule {
    /// Seconds: less is no hindrance to anything.
    private static let tolerance: Int64 = 300

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        [Role.initiator, .responder].compactMap { told(attempt, $0) } + future(attempt)
    }

    private func told(_ attempt: Attempt, _ role: Role) -> Finding? {
        guard let clock = attempt.clocks[role] else { return nil }
        let capture = CertificateTime(clock.at)
        let offset = Int64(clock.seconds) - capture.seconds
        guard offset.magnitude > UInt64(Self.tolerance) else { return nil }
        let who = attempt.address(role)
        return finding(
            attempt, of: who, frames: [clock.frame], .likely,
            "the clock of \(who) is \(Self.long(offset.magnitude)) \(offset < 0 ? "behind" : "ahead of") that of the capture",
            evidence: [
                "its vendor ID says \(CertificateTime(seconds: Int64(clock.seconds)))",
                "the capture's clock says \(capture)",
            ], lookAlikes: ["a capture whose clock is wrong"])
    }

    /// `12 min`, `3 h`, `400 days`.
    private static func long(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    private func future(_ attempt: Attempt) -> [Finding] {
        attempt.messages.compactMap { message in
            let early = message.certificates?.certificates.first {
                $0.certificate.validity(at: message.time) == .notYetValid
            }
            guard let certificate = early?.certificate, let begin = certificate.notBefore else { return nil }
            let shower = attempt.address(message.sender)
            return finding(
                attempt, of: shower, frames: message.frames, .possible,
                "a clock may be wrong: \(shower) sends a certificate that becomes valid only later (\(begin))",
                evidence: [
                    "\"\(certificate.subject)\" is valid from \(begin); the capture's clock says \(CertificateTime(message.time))"
                ],
                lookAlikes: [
                    "a certificate that was issued for a later date (\(FindingID.certExpired.text))",
                    "a capture whose clock is wrong",
                ])
        }
    }

    private func finding(
        _ attempt: Attempt, of peer: IPAddress, frames: [Int], _ certainty: Finding.Certainty, _ summary: String,
        evidence: [String], lookAlikes: [String]
    ) -> Finding {
        Finding(
            .clockSkew, certainty, peers: attempt.peers, frames: frames, summary: summary,
            evidence: evidence,
            advice: [
                Finding.Advice(
                    "set the clocks of both sides and of the CA by NTP", on: peer,
                    ios: ["ntp server ADDRESS", "show clock detail"])
            ], lookAlikes: lookAlikes)
    }
}
