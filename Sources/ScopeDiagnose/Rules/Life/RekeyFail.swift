import ScopeDissect
import ScopeModel
import ScopeWire

/// A tunnel that worked could not be given new keys: why stands with the refusal itself.
struct RekeyFail: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        pair.attempts.compactMap { quickMode($0, pair) } + phase1(pair)
    }

    // MARK: Quick Mode

    private func quickMode(_ attempt: Attempt, _ pair: PairCase) -> Finding? {
        let firsts = attempt.quickModes.compactMap { mode -> (mode: Attempt.Mode, first: Attempt.Message)? in
            attempt.messages.first { message in
                message.exchange == mode.exchange
                    && (message.step.asksForChild || message.isAuthentication && !message.step.isAnswer)
            }.map { (mode, $0) }
        }
        guard let failed = firsts.last(where: { $0.mode.position < 2 && isOver($0.first, attempt) }),
            let made = firsts.last(where: {
                $0.mode.position >= 2 && $0.first.time < failed.first.time && isSame($0.mode, failed.mode)
            }),
            !firsts.contains(where: { $0.mode.position >= 2 && $0.first.time > failed.first.time })
        else { return nil }
        let life = (made.mode.answers ?? made.mode.offers ?? []).lazy.compactMap { $0.child?.lifetime.seconds }.first
        // What it is for is not known: right behind the other one it is another child, and no renewal.
        let isUnknown = made.mode.traffic == nil || failed.mode.traffic == nil
        if isUnknown, life == nil, failed.first.time.since(made.first.time) < Self.promptly { return nil }
        return finding(
            pair, attempt, attempt.ios.phase2, from: made.first, to: failed.first, life,
            frames: [made.first.firstFrame] + failed.first.frames.prefix(4))
    }

    private static let promptly: Int64 = 5_000_000_000

    /// It was refused, or sent again in vain.
    private func isOver(_ first: Attempt.Message, _ attempt: Attempt) -> Bool {
        if first.repeats > 0 || attempt.answer(to: first)?.refusal != nil { return true }
        if let refused = attempt.refusal(of: first), refused.time.since(first.time) < Self.promptly { return true }
        // What cannot be read, and comes in place of the answer, looks like a refusal.
        return attempt.informationals(by: first.sender.other, after: first).contains { answer in
            answer.liveness == nil && answer.time.since(first.time) < Self.promptly && !answer.isOpened
        }
    }

    private func isSame(_ a: Attempt.Mode, _ b: Attempt.Mode) -> Bool {
        guard let mine = a.traffic, let theirs = b.traffic else { return true }
        return mine == (a.initiatedBy == b.initiatedBy ? theirs : theirs.mirrored)
    }

    // MARK: Phase 1

    /// A new phase 1 near the end of the old one's life that comes to nothing.
    private func phase1(_ pair: PairCase) -> [Finding] {
        guard let last = pair.attempts.last, !last.isUp, !last.sa.isEstablished,
            last.isRefused || last.messages.contains(where: { $0.repeats > 0 || $0.step.isInformational }),
            let old = pair.attempts.last(where: { $0.isUp && $0.sa.identity != last.sa.identity }),
            let message = last.messages.first,
            let begun = old.messages.first, let life = old.sa.suite?.lifetime.seconds, life > 0
        else { return [] }
        let age = Double(last.first.since(old.first)) / 1e9 / Double(life)
        guard (0.5...1.2).contains(age) else { return [] }
        return [
            finding(
                pair, last, last.ios.phase1, from: begun, to: message, life,
                frames: [old.firstFrame] + message.frames.prefix(4))
        ].compactMap { $0 }
    }

    // MARK: Words

    private func finding(
        _ pair: PairCase, _ attempt: Attempt, _ what: String, from made: Attempt.Message, to failed: Attempt.Message,
        _ life: UInt64?, frames: [Int]
    ) -> Finding? {
        let age = failed.time.since(made.time)
        let share = life.flatMap { $0 > 0 ? Double(age) / 1e9 / Double($0) : nil }
        // Long before the end it is the next tunnel as well as it is the same one.
        let isTime = share.map { (0.5...1.2).contains($0) } ?? false
        let traffic = pair.accounts.filter { $0.enclosure.depth == 0 && $0.packets > 0 }.map(\.lastTime).max()
        // What passes behind the failure has not ended with it.
        let isFlowing =
            traffic.map { pair.last.since($0) < 2_000_000_000 || $0.since(failed.time) > 2_000_000_000 } ?? false
        let ended = !isFlowing && traffic != nil
        return Finding(
            .rekeyFail, isTime ? .likely : .possible, severity: ended ? .error : .warning, peers: pair.peers,
            ikeSA: attempt.sa.id,
            frames: frames,
            summary: "\(what) between \(attempt.initiator) and \(attempt.responder) could not be renewed"
                + (ended ? ", and the traffic has ended" : ": the tunnel ends with its old keys"),
            evidence: [
                "it came up in frame \(made.firstFrame), and is negotiated again in frame \(failed.firstFrame), \(Words.seconds(from: made.time, to: failed.time)) later, without success",
                share.map { "that is \(Int(($0 * 100).rounded())) % of its lifetime of \(life ?? 0) s" }
                    ?? attempt.ios.unknownLifetime,
                ended && traffic != nil
                    ? "the last ESP packet came \(Words.seconds(from: failed.time, to: traffic ?? failed.time)) after that"
                    : "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "see why the negotiation is refused now (the other findings): what has changed since the tunnel came up?"
                ),
                Finding.Advice(
                    "compare PFS, transform sets and lifetimes of both sides: some devices accept what they would not propose",
                    ios: ["show crypto map", "show crypto ipsec security-association lifetime"]),
            ],
            lookAlikes: isTime
                ? ["a peer that is down (\(FindingID.dpdTimeout.text))"]
                : ["a second tunnel that is not allowed", "a peer that is down (\(FindingID.dpdTimeout.text))"])
    }
}
