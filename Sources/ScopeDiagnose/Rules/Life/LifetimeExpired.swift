import ScopeDissect
import ScopeModel
import ScopeWire

/// Traffic stops when its SA has reached the lifetime that was agreed on, and nobody negotiated another one.
struct LifetimeExpired: Rule {
    /// Devices let an SA go within so much of its lifetime, and give up to so many seconds on top.
    private static let share = 0.03
    private static let slack = 10.0
    /// Lifetimes that devices have by default, in seconds; without keys, no other is taken for one.
    private static let usual: [Double] = [1200, 1800, 3600, 7200, 10_800, 14_400, 28_800, 43_200, 86_400]

    func findings(_ pair: PairCase) -> [Finding] {
        guard let silence = Silence(pair), let lastBack = silence.lastBack, !silence.isOutside else { return [] }
        if let (attempt, sas) = pair.made(silence.last.spi) {
            guard let life = sas.suite.lifetime.seconds, life > 0,
                let made = attempt.messages.first(where: { $0.exchange == sas.quickMode.exchange }),
                sas.replacedBy == nil
            else { return [] }
            let age = Double(lastBack.since(made.time)) / 1e9
            guard fits(age, Double(life)), !isRenewed(pair, after: made.time, lastBack) else { return [] }
            return [
                finding(
                    silence, pair, attempt, made, life, by: attempt.address(sas.quickMode.initiatedBy), isKnown: true)
            ]
        }
        // Without keys a lifetime is one that devices have by default.
        guard let attempt = pair.attempts.last(where: { $0.isUp && $0.first < lastBack }), attempt.pairs.isEmpty,
            let made = attempt.messages.last(where: { $0.step.asksForChild && $0.time < lastBack }),
            let life = Self.usual.first(where: { fits(Double(lastBack.since(made.time)) / 1e9, $0) }),
            !isRenewed(pair, after: made.time, lastBack)
        else { return [] }
        return [
            finding(
                silence, pair, attempt, made, UInt64(life), by: attempt.address(made.sender), isKnown: false)
        ]
    }

    private func fits(_ age: Double, _ life: Double) -> Bool {
        // The last packet came some time before the end: as long as a pause in the traffic takes.
        age > life * (1 - Self.share) && age < life * (1 + Self.share) + Self.slack
    }

    /// A negotiation began that may have made the next SA.
    private func isRenewed(_ pair: PairCase, after made: Instant, _ lastBack: Instant) -> Bool {
        pair.attempts.contains { attempt in
            attempt.messages.contains {
                $0.time > made && ($0.step.asksForChild || $0.step.isFirst) && $0.time <= lastBack
            }
        }
    }

    private func finding(
        _ silence: Silence, _ pair: PairCase, _ attempt: Attempt, _ made: Attempt.Message, _ life: UInt64,
        by owner: IPAddress, isKnown: Bool
    ) -> Finding {
        let lastBack = silence.lastBack ?? silence.since
        return Finding(
            .lifetimeExpired, isKnown ? .likely : .possible, peers: pair.peers, ikeSA: attempt.sa.id,
            spi: silence.last.spi, frames: [made.firstFrame, silence.last.lastFrame],
            summary:
                "the SAs reached their lifetime of \(life) s and nobody negotiated new ones: nothing comes back from \(silence.receiver) since then",
            evidence: [
                "\(attempt.ios.phase2) began in frame \(made.firstFrame); the last packet from \(silence.receiver) came \(Words.seconds(from: made.time, to: lastBack)) later",
                isKnown
                    ? "the lifetime that was agreed on is \(life) s"
                    : "\(life) s is a lifetime that devices have by default; what was agreed on is not known without keys",
                "\(silence.sender) went on for \(silence.duration), \(Words.count(silence.count, "packet")), with the SA that \(silence.receiver) had let go of",
            ],
            advice: [
                Finding.Advice(
                    "this side began the negotiation and should have renewed it before the end: see why it did not",
                    on: owner, ios: ["show crypto ipsec sa | include lifetime", "debug crypto isakmp"]),
                Finding.Advice(
                    "let the other side renew as well (strongSwan: rekey_time, libreswan: rekey=yes), or agree on a longer lifetime",
                    on: owner == pair.initiator ? pair.responder : pair.initiator,
                    ios: ["crypto ipsec security-association lifetime seconds 28800"]),
            ],
            lookAlikes: [
                "a renewal that the capture does not show",
                "a peer that went away at this moment (\(FindingID.dpdTimeout.text))",
            ])
    }
}
