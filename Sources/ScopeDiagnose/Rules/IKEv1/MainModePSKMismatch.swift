import ScopeDissect
import ScopeModel
import ScopeWire

/// The two sides of a Main Mode have different pre-shared keys.
struct MainModePSKMismatch: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.usesPSK, attempt.first(.mainMode(6)) == nil, let message = attempt.first(.mainMode(5)) else {
            return []
        }
        let answers = attempt.informationals(by: .responder, after: message)
        if let proved = proved(attempt, message, answers) { return [proved] }
        guard let pattern = pattern(attempt, message, answers) else { return [] }
        return [finding(attempt, .likely, Attempt.frames([message] + answers), [pattern] + keyWords(attempt, message))]
    }

    /// Each side wrote something that another key opens.
    private func proved(_ attempt: Attempt, _ message: Attempt.Message, _ answers: [Attempt.Message]) -> Finding? {
        guard let mine = message.key, let answer = answers.first(where: { $0.key != nil }), let theirs = answer.key,
            mine != theirs
        else { return nil }
        return finding(
            attempt, .proved, [message.firstFrame, answer.firstFrame],
            [
                "message 5 of \(attempt.initiator) opens with \(mine), and its HASH_I is right",
                "the answer of \(attempt.responder) opens only with \(theirs)",
            ])
    }

    /// What the wire shows without keys.
    private func pattern(_ attempt: Attempt, _ message: Attempt.Message, _ answers: [Attempt.Message]) -> String? {
        if !answers.isEmpty {
            let isRepeated = message.repeats > 0 || answers.count > 1
            let name = answers.lazy.flatMap(\.notifications).first.map { " (\($0.type))" } ?? ""
            guard isRepeated else { return nil }
            return
                "message 5 was sent \(message.transmissions) times and answered \(Words.count(answers.count, "time"))"
                + " by a notification\(name) that \(attempt.initiator) did not act on: it could not read it"
        }
        guard message.repeats > 0 else { return nil }
        let isRepeating = attempt.messages.contains {
            $0.sender == .responder && $0.step == .v1(.mainMode(4)) && $0.lastTime > message.time
        }
        guard isRepeating || message.ports == (500, 500) else { return nil }
        return "message 5 was sent \(message.transmissions) times"
            + (isRepeating
                ? ", and \(attempt.responder) repeats message 4: it could not read it"
                : " and never answered by message 6")
    }

    private func keyWords(_ attempt: Attempt, _ message: Attempt.Message) -> [String] {
        switch attempt.keys {
        case .opened(let name):
            ["\(attempt.initiator) uses the given key (\(name)); the key of \(attempt.responder) is not known"]
        case .wrong(let why): ["the given keys belong to neither side: \(why)"]
        case .none, .missing: []
        }
    }

    private func finding(
        _ attempt: Attempt, _ certainty: Finding.Certainty, _ frames: [Int], _ evidence: [String]
    ) -> Finding {
        Finding(
            .pskMismatchMain, certainty, peers: attempt.peers, frames: frames,
            summary: "\(attempt.initiator) and \(attempt.responder) have different pre-shared keys", evidence: evidence,
            advice: Finding.Advice.sameKey(for: attempt),
            lookAlikes: certainty == .proved
                ? [] : ["an identity that is refused", "message 5 lost on the way, or in IP fragments"])
    }
}
