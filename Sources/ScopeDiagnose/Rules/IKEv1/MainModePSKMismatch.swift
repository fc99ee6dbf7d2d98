import ScopeDissect
import ScopeModel
import ScopeWire

/// The two sides of a Main Mode have different pre-shared keys.
struct MainModePSKMismatch: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // Where the capture cut off what was agreed on, keys are what most negotiations prove themselves with.
        let isUnknown = attempt.sa.suite == nil && !pair.cutFrames.isEmpty
        guard attempt.usesPSK || isUnknown, attempt.first(.mainMode(6)) == nil,
            let message = attempt.first(.mainMode(5))
        else { return [] }
        // What is in the clear was read, whatever it says (ClearRefusal).
        let answers = attempt.informationals(by: .responder, after: message).filter(\.isEncrypted)
        // The same key opens what both sides wrote.
        if let mine = message.key, answers.contains(where: { $0.key == mine }) { return [] }
        if let proved = proved(attempt, message, answers) { return [proved] }
        guard let pattern = pattern(attempt, message, answers) else { return [] }
        let frames = Attempt.frames([message] + answers)
        let evidence = [pattern] + keyWords(attempt, message)
        if !answers.isEmpty, isDeafToRefusals(attempt, message) {
            return [keyOrIdentity(attempt, frames, evidence)]
        }
        if isUnknown {
            guard !answers.isEmpty else { return [] }
            let cut = "what the two agreed on is cut off: whether they have keys or certificates is not known"
            return [finding(attempt, .possible, frames, evidence + [cut])]
        }
        let certainty = answers.isEmpty ? Stall.certainty(of: message, at: pair.captureEnd) : .likely
        guard answers.isEmpty else { return [finding(attempt, certainty, frames, evidence)] }
        var silent = finding(attempt, certainty, frames, evidence + [attempt.stall?.state].compactMap { $0 })
        if isAskedAgain(attempt, message) {
            silent.summary =
                "\(attempt.responder) repeats message 4 and does not take message 5 of \(attempt.initiator): it is lost on the way, or the pre-shared keys differ"
            silent.advice.insert(
                Finding.Advice("see whether message 5 arrives there", on: attempt.responder, ios: [attempt.ios.debug]),
                at: 0)
        }
        return [silent]
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
                + " by a notification\(name) that \(attempt.initiator) did not act on, as one that cannot read it"
        }
        guard message.repeats > 0 else { return nil }
        let isRepeating = isAskedAgain(attempt, message)
        guard isRepeating || message.ports == (500, 500) else { return nil }
        return "message 5 was sent \(message.transmissions) times"
            + (isRepeating
                ? ", and \(attempt.responder) repeats message 4: it did not arrive there, or could not be read"
                : " and never answered by message 6")
    }

    /// libreswan before November 2024 encrypts a refusal of message 5 under an IV that no receiver expects, and goes on
    /// repeating message 5 itself where one comes.
    ///
    /// By its vendor ID, or by its habit to repeat message 4 beside the refusals.
    private func isDeafToRefusals(_ attempt: Attempt, _ message: Attempt.Message) -> Bool {
        if attempt.vendors.values.contains(where: { $0.contains("libreswan") || $0.contains("openswan") }) {
            return true
        }
        return isAskedAgain(attempt, message)
    }

    /// Message 4 comes again behind message 5.
    private func isAskedAgain(_ attempt: Attempt, _ message: Attempt.Message) -> Bool {
        attempt.first(.mainMode(4)).map { $0.repeats > 0 && $0.lastTime > message.time } ?? false
    }

    private func keyOrIdentity(_ attempt: Attempt, _ frames: [Int], _ evidence: [String]) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        return Finding(
            .pskMismatchMain, .possible, peers: attempt.peers, frames: frames,
            summary:
                "\(responder) refuses message 5 of \(initiator): the pre-shared keys differ, or it does not accept the identity",
            evidence: evidence + [
                "libreswan and Openswan repeat messages 4 and 5 after a refused identity as after a wrong key: the look does not tell them apart"
            ],
            advice: [
                Finding.Advice(
                    "see in its log which of the two it is", on: responder, ios: ["debug crypto isakmp"]),
                Finding.Advice("give IKEScope the keys: whether the refusal opens under the agreed key tells it"),
            ] + Finding.Advice.sameKey(for: attempt)
                + [Finding.Advice("or accept the identity", on: responder, ios: attempt.ios.match(initiator))],
            lookAlikes: ["an identity that is refused (\(FindingID.idMismatch.text))"])
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
