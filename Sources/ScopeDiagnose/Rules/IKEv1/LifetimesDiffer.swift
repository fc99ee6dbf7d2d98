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
            let given = Self.bounds(told.data, isPhase1: isPhase1)
            let offered = offered(attempt, message, isPhase1: isPhase1)
            // What it repeats is no difference (RFC 2407 section 4.6.3.1).
            if !given.isEmpty, given.allSatisfy({ bound in offered.contains { $0.value(bound.unit) == bound.value } }) {
                return nil
            }
            let texts = given.map(Self.text)
            let first = offered.first.flatMap { SuiteText.text($0) }
            return finding(
                attempt, message.sender.other, isPhase1: isPhase1, frames: message.frames,
                "\(attempt.address(message.sender)) uses the \(isPhase1 ? "IKE SA" : "IPsec SAs") for another time than was offered"
                    + (texts.isEmpty ? "" : ": \(texts.joined(separator: ", "))")
                    + (first.map { " where \($0) were offered" } ?? ""),
                evidence: ["RESPONDER-LIFETIME in frame \(message.firstFrame)"])
        }
    }

    /// The lifetimes that the side offered to which the notification goes.
    private func offered(_ attempt: Attempt, _ message: Attempt.Message, isPhase1: Bool) -> [Lifetime] {
        if isPhase1 {
            return (attempt.offers ?? []).compactMap { $0.ike?.lifetime }
                + (attempt.sa.suite.map { [$0.lifetime] } ?? [])
        }
        let own = attempt.quickModes.filter { $0.messageID == message.messageID }
        return (own.isEmpty ? attempt.quickModes : own).flatMap { ($0.offers ?? []) + ($0.answers ?? []) }
            .compactMap { $0.child?.lifetime }
    }

    private static func text(_ bound: Lifetime.Bound) -> String {
        switch bound.unit {
        case .seconds: "\(bound.value) s"
        case .kilobytes: "\(bound.value) kB"
        case .other(let type): "\(bound.value) of life type \(type)"
        }
    }

    /// Life types and durations as attributes (RFC 2408 section 3.3): 11 and 12 of phase 1, 1 and 2 of phase 2.
    private static func bounds(_ data: [UInt8], isPhase1: Bool) -> [Lifetime.Bound] {
        var bounds: [Lifetime.Bound] = []
        var (rest, unit) = (data[...], Lifetime.Unit?.none)
        while rest.count >= 4 {
            let head = Array(rest.prefix(4))
            let type = (UInt16(head[0]) << 8 | UInt16(head[1])) & 0x7fff
            let second = Int(head[2]) << 8 | Int(head[3])
            let isShort = head[0] & 0x80 != 0
            let value = isShort ? head[2..<4] : rest.dropFirst(4).prefix(second)
            rest = rest.dropFirst(isShort ? 4 : 4 + second)
            guard value.count <= 8 else { continue }
            let number = value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if type == (isPhase1 ? 11 : 1) {
                unit = number == 1 ? .seconds : number == 2 ? .kilobytes : nil
            } else if type == (isPhase1 ? 12 : 2), let known = unit {
                bounds.append(Lifetime.Bound(known, number))
            }
        }
        return bounds
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
