import ScopeDissect
import ScopeModel
import ScopeWire

/// The two sides have different lifetimes for one SA: a fact.
struct LifetimesDiffer: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        (phase1(attempt).map { [$0] } ?? []) + phase2(attempt) + notified(attempt)
    }

    // MARK: In the answer

    /// The transform that came back has another duration than the one that was offered.
    private func phase1(_ attempt: Attempt) -> Finding? {
        guard let suite = attempt.sa.suite, let offers = attempt.offers,
            let answer = attempt.first(.mainMode(2)) ?? attempt.first(.aggressive(2)),
            let given = SuiteText.text(suite.lifetime)
        else { return nil }
        let alike = offers.compactMap(\.ike).filter { $0.differences(from: suite).isEmpty }
        let offered = alike.compactMap { SuiteText.text($0.lifetime) }
        guard let first = offered.first, !offered.contains(given) else { return nil }
        return finding(
            attempt, .initiator, isPhase1: true, frames: [attempt.firstFrame, answer.firstFrame],
            "\(attempt.initiator) offers \(first) for the IKE SA, \(attempt.responder) answers \(given)",
            evidence: ["the transform of message 2 has another duration than the one of message 1"])
    }

    private func phase2(_ attempt: Attempt) -> [Finding] {
        attempt.quickModes.compactMap { mode in
            guard let suite = mode.answers?.first?.child, let given = SuiteText.text(suite.lifetime) else { return nil }
            // PFS may go without saying in the answer.
            let alike = (mode.offers ?? []).compactMap(\.child).filter {
                $0.differences(from: suite).allSatisfy { $0 == .group }
            }
            let offered = alike.compactMap { SuiteText.text($0.lifetime) }
            guard let first = offered.first, !offered.contains(given) else { return nil }
            let frames = attempt.messages.filter { $0.messageID == mode.messageID }.prefix(2).map(\.firstFrame)
            return finding(
                attempt, mode.initiatedBy, isPhase1: false, frames: Array(frames),
                "\(attempt.address(mode.initiatedBy)) offers \(first) for the IPsec SAs, \(attempt.address(mode.initiatedBy.other)) answers \(given)",
                evidence: ["the transform of the answer has another duration than the one that was offered"])
        }
    }

    // MARK: In a notification

    private func notified(_ attempt: Attempt) -> [Finding] {
        attempt.messages.compactMap { message in
            guard let told = message.notifications.first(where: { $0.type == .v1(.responderLifetime) }) else {
                return nil
            }
            let isPhase1 = told.protocolID == .isakmp
            return finding(
                attempt, message.sender.other, isPhase1: isPhase1, frames: message.frames,
                "\(attempt.address(message.sender)) uses the \(isPhase1 ? "IKE SA" : "IPsec SAs") for a shorter time than was offered",
                evidence: ["RESPONDER-LIFETIME in frame \(message.firstFrame)"])
        }
    }

    private func finding(
        _ attempt: Attempt, _ offering: Role, isPhase1: Bool, frames: [Int], _ summary: String, evidence: [String]
    ) -> Finding {
        Finding(
            isPhase1 ? .p1LifetimeDiffers : .p2LifetimeDiffers, .proved,
            peers: attempt.peers, frames: frames, summary: summary,
            evidence: evidence + ["the shorter of the two decides who rekeys first"],
            advice: [
                Finding.Advice(
                    "set the same lifetime on both sides", on: attempt.address(offering),
                    ios: isPhase1
                        ? ["crypto isakmp policy 10", " lifetime SECONDS"]
                        : ["crypto map MAP 10 ipsec-isakmp", " set security-association lifetime seconds SECONDS"])
            ])
    }
}
