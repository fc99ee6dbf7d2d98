import ScopeDissect
import ScopeModel
import ScopeWire

/// Both sides begin a Quick Mode for the same traffic at once.
struct RekeyCollision: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let begun = attempt.quickModes.compactMap {
            mode -> (mode: Attempt.Mode, first: Attempt.Message, answer: Instant?)? in
            guard
                let first = attempt.messages.first(where: {
                    $0.exchange == mode.exchange && $0.step.asksForChild
                })
            else { return nil }
            let answer = attempt.messages.first { $0.exchange == mode.exchange && $0.step.answersForChild }?.time
            return (mode, first, answer)
        }.sorted { $0.first.time < $1.first.time }
        for (earlier, later) in zip(begun, begun.dropFirst()) {
            guard earlier.mode.initiatedBy != later.mode.initiatedBy,
                // Begun before the other one was answered; both answers were still on their way.
                earlier.answer.map({ later.first.time < $0 })
                    ?? (later.first.time.since(earlier.first.time) < 2_000_000_000),
                earlier.answer != nil || later.answer != nil, let same = isSame(earlier.mode, later.mode)
            else { continue }
            // The first of all is no rekeying: both sides initiate.
            let isRekey =
                earlier.mode.rekeys != nil
                || begun.contains { $0.first.time < earlier.first.time && $0.mode.position >= 2 }
            return [finding(attempt, earlier.first, later.first, isRekey: isRekey, isSure: same)]
        }
        return []
    }

    /// Whether they are for the same traffic; nil where they are not, false where it is not known.
    private func isSame(_ a: Attempt.Mode, _ b: Attempt.Mode) -> Bool? {
        guard let mine = a.traffic, let theirs = b.traffic else { return a.isAsked && b.isAsked }
        return mine == theirs.mirrored ? true : nil
    }

    private func finding(
        _ attempt: Attempt, _ earlier: Attempt.Message, _ later: Attempt.Message, isRekey: Bool, isSure: Bool
    ) -> Finding {
        Finding(
            .rekeyCollision, isSure ? .proved : .likely, peers: attempt.peers,
            frames: [earlier.firstFrame, later.firstFrame],
            summary:
                "\(attempt.initiator) and \(attempt.responder) \(isRekey ? "rekey" : attempt.ios.beginsChild) at the same time: two pairs of IPsec SAs",
            evidence: [
                "\(attempt.address(later.sender)) \(attempt.ios.beginsChildAlone) \(Words.seconds(from: earlier.time, to: later.time)) after \(attempt.address(earlier.sender)) does, before that one is answered",
                isSure ? "both are for the same networks" : "the networks are encrypted",
            ],
            advice: [
                Finding.Advice(
                    "set different lifetimes, or let only one side rekey", on: attempt.responder,
                    ios: ["crypto map MAP 10 ipsec-isakmp", " set security-association lifetime seconds 7200"])
            ], lookAlikes: isSure ? [] : ["two negotiations for different networks"])
    }
}
