import ScopeDissect
import ScopeModel
import ScopeWire

/// Phase 2 is negotiated again and again.
struct RekeyStorm: AttemptRule {
    private struct Purpose: Hashable {
        var traffic: ChildTraffic?
        var initiatedBy: Role
    }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let made = attempt.pairs.map { Purpose(traffic: $0.quickMode.traffic, initiatedBy: $0.quickMode.initiatedBy) }
        let firsts = attempt.messages.filter { $0.step.asksForChild }
        for window in firsts.indices.dropLast(5)
        where firsts[window + 5].time.since(firsts[window].time) < 60_000_000_000 {
            guard made.isEmpty || Set(made).count * 2 <= made.count else { continue }
            let storm = Array(firsts[window...])
            return [
                Finding(
                    .rekeyStorm, .proved, severity: isOrderly(attempt) ? .note : .warning, peers: attempt.peers,
                    frames: Attempt.frames(storm),
                    summary:
                        "\(storm.count) \(attempt.ios.childExchanges) within \(Words.seconds(from: storm[0].time, to: storm[storm.count - 1].time)): SAs are negotiated again and again",
                    evidence: ["six or more within a minute for the same networks"],
                    advice: [
                        Finding.Advice(
                            "raise the volume lifetime, and let only one side start the tunnel",
                            ios: ["crypto ipsec security-association lifetime kilobytes disable"])
                    ])
            ]
        }
        return []
    }

    /// Each names the SA whose place it takes, so that nothing is doubled: lifetimes are short.
    private func isOrderly(_ attempt: Attempt) -> Bool {
        guard attempt.messages.contains(where: { $0.purpose != nil }) else { return false }
        let begun = attempt.pairs.filter { $0.quickMode.rekeys == nil }.map(\.quickMode.traffic)
        return Set(begun).count == begun.count
    }
}
