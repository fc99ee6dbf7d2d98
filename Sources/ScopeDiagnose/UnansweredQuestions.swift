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
            if isQuestion(message, of: role), run.last.map({ $0.length == message.length }) ?? true {
                run.append(message)
            } else {
                if run.count > best.count { best = run }
                run = isQuestion(message, of: role) ? [message] : []
            }
        }
        return run.count > best.count ? run : best
    }

    private func isQuestion(_ message: Message, of role: Role) -> Bool {
        guard message.sender == role, message.step == .informational, message.isEncrypted, message.deletes.isEmpty
        else {
            return false
        }
        guard message.isOpened else { return true }
        if case .asks = message.liveness { return true }
        return false
    }
}
