import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    /// The longest run of questions of Dead Peer Detection of one side that nothing of the other side follows: each of
    /// one size, in one row; what the side itself says behind them (a Delete) ends it.
    func unansweredQuestions(of role: Role) -> [Message] {
        var best: [Message] = []
        var run: [Message] = []
        for message in messages {
            if isQuestion(message, of: role), run.last.map({ isNext(message, after: $0) }) ?? true {
                run.append(message)
            } else {
                if run.count > best.count { best = run }
                run = isQuestion(message, of: role) ? [message] : []
            }
        }
        return run.count > best.count ? run : best
    }

    /// Deletes come in a burst, questions do not.
    private func isNext(_ message: Message, after last: Message) -> Bool {
        message.length == last.length && (message.isOpened || message.time.since(last.time) >= 500_000_000)
    }

    private func isQuestion(_ message: Message, of role: Role) -> Bool {
        guard message.sender == role, message.step.isInformational, message.isEncrypted, message.deletes.isEmpty
        else {
            return false
        }
        guard message.isOpened else { return hasSizeOfQuestion(message) }
        if case .asks = message.liveness { return true }
        return false
    }

    /// Whether an encrypted message is as long as a question or its answer.
    ///
    /// That is a HASH, and a notification with both cookies and a number. A Delete of IPsec SAs is shorter; where the
    /// algorithms are not known, any length will do.
    func hasSizeOfQuestion(_ message: Message) -> Bool {
        guard let suite = sa.suite, let digest = suite.hash?.digestLength, let block = suite.cipher?.blockLength else {
            return true
        }
        let length = 28 + (digest + 36 + block - 1) / block * block
        // Some pad with a whole block more.
        return message.length == length || message.length == length + block
    }
}
