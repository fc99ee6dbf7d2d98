import ScopeDissect
import ScopeModel
import ScopeWire

/// Where a negotiation stands that has not come to its end: its last step, who is to move, and what devices call that.
struct Stall {
    enum Kind {
        /// The last message has no answer.
        case unanswered
        /// The last message passed here, and who was to get it sends the one before it again: it does not arrive there.
        case undelivered(before: Attempt.Message)
        /// Nobody waits for anything: phase 1 stands, and nobody asks for more.
        case idle
    }

    let kind: Kind
    let last: Attempt.Message
    /// Who is to send something next.
    let mover: Role
    /// What the two sides call where they are, in the words of IOS and of the ASA.
    let state: String

    /// So long every device waits at most before it sends something again.
    static let patience: Int64 = 10_000_000_000

    /// Of the message that is repeated in vain.
    var repeated: Attempt.Message { if case .undelivered(let before) = kind { before } else { last } }

    /// Whether it is over as far as the capture tells: something was sent in vain, or would have been by its end.
    func isOver(at end: Instant) -> Bool { repeated.repeats > 0 || silence(until: end) >= Self.patience }

    func silence(until end: Instant) -> Int64 { max(end.since(max(last.lastTime, repeated.lastTime)), 0) }

    /// As sure as an absence can be: less so while the one who sends again has not given up.
    func certainty(at end: Instant) -> Finding.Certainty {
        if case .idle = kind { return .likely }
        return Self.certainty(of: repeated, at: end)
    }

    /// How sure it is that a message has no answer that came so often.
    static func certainty(of message: Attempt.Message, at end: Instant) -> Finding.Certainty {
        let lasted = message.lastTime.since(message.time)
        if end.since(message.lastTime) >= patience || message.transmissions >= 4 { return .likely }
        return message.transmissions == 3 && lasted >= patience / 2 ? .likely : .possible
    }
}

extension Attempt {
    /// Nil where nothing of its set-up was seen.
    var stall: Stall? {
        switch sa.version {
        case .v1: stallOfIKEv1
        case .v2: stallOfIKEv2
        }
    }

    /// Where IKEv1 stands (RFC 2409 section 5): each message of phase 1 answers the one before it.
    private var stallOfIKEv1: Stall? {
        let setUp = messages.filter { $0.step.isOfSetUp && $0.step.number != nil }
        guard let top = setUp.max(by: { ($0.step.number ?? 0) < ($1.step.number ?? 0) }) else { return nil }
        let more = messages.filter { $0.step.isOfChild || $0.step.isConfiguration }
        if more.isEmpty, let before = setUp.first(where: { $0.step.number == (top.step.number ?? 0) - 1 }),
            isSentInVain(before, answeredBy: top)
        {
            return Stall(
                kind: .undelivered(before: before), last: top, mover: before.sender,
                state: state(after: before, answeredBy: top))
        }
        if let last = more.max(by: { $0.firstFrame < $1.firstFrame }) {
            let isAwaited = last.step.isOfChild || last.step.number == 1 || isUserAnswer(last)
            return Stall(
                kind: .unanswered, last: last, mover: isAwaited ? last.sender.other : .initiator,
                state: last.step.isConfiguration ? "state of both: CONF_XAUTH or CONF_ADDR" : "state of both: QM_IDLE")
        }
        guard sa.isEstablished else {
            return Stall(kind: .unanswered, last: top, mover: top.sender.other, state: state(after: top))
        }
        return Stall(
            kind: .idle, last: top, mover: .initiator, state: "state of both: QM_IDLE (ASA: \(modeWord)_ACTIVE)")
    }

    /// The second message of a Transaction that says who a user is, on which its asker has to decide.
    ///
    /// What is sealed is one where it is the first that the initiator answers: what follows acknowledges the verdict.
    private func isUserAnswer(_ message: Message) -> Bool {
        guard message.step.isConfiguration, message.step.number == 2, message.sender == .initiator else { return false }
        if let configuration = message.configuration { return configuration.type == 2 }
        return !messages.contains {
            $0.step.isConfiguration && $0.step.number == 2 && $0.firstFrame < message.firstFrame
        }
    }

    /// `message` came again behind its answer: one repeat may have crossed the answer.
    private func isSentInVain(_ message: Message, answeredBy answer: Message) -> Bool {
        guard message.repeats > 0, message.lastTime > answer.time else { return false }
        return answer.repeats > 0 || message.lastTime.since(answer.time) > 300_000_000
    }

    private var modeWord: String { sa.mode == .aggressive ? "AM" : "MM" }

    /// IOS's and the ASA's words for who waits for the next message, and for the other side as far as it got there.
    private func state(after last: Message, answeredBy answer: Message? = nil) -> String {
        let number = last.step.number ?? 0
        let waits = "state of \(address(last.sender)): \(iosState(number)) (ASA: \(modeWord)_WAIT_MSG\(number + 1))"
        if let answer, let next = answer.step.number {
            let ends = sa.mode == .aggressive ? 3 : 6
            let asa = next == ends ? "\(modeWord)_ACTIVE" : "\(modeWord)_WAIT_MSG\(next + 1)"
            return waits + "; of \(address(answer.sender)): \(next == ends ? "QM_IDLE" : iosState(next)) (ASA: \(asa))"
        }
        guard number > 1 else { return waits }
        return waits
            + "; of \(address(last.sender.other)), if it does not arrive: \(iosState(number - 1)) (ASA: \(modeWord)_WAIT_MSG\(number))"
    }

    /// What IOS is in when it has sent this message and got no answer.
    private func iosState(_ number: Int) -> String {
        if sa.mode == .aggressive { return number == 1 ? "AG_NO_STATE" : "AG_INIT_EXCH" }
        return number <= 1 ? "MM_NO_STATE" : number <= 3 ? "MM_SA_SETUP" : "MM_KEY_EXCH"
    }

    // MARK: IKEv2

    private var stallOfIKEv2: Stall? {
        guard let last = messages.max(by: { $0.lastTime < $1.lastTime }) else { return nil }
        // Who is asked, or, behind an answer, the initiator.
        let mover: Role = last.step.isAnswer ? .initiator : last.sender.other
        return Stall(kind: .unanswered, last: last, mover: mover, state: stateOfIKEv2(last))
    }

    private func stateOfIKEv2(_ last: Message) -> String {
        let rounds = authentications.count { !$0.step.isAnswer }
        let state: (initiator: String, responder: String) =
            if last.isInitial {
                last.step.isAnswer
                    ? ("I_WAIT_INIT if the answer does not arrive", "R_WAIT_AUTH") : ("I_WAIT_INIT", "none")
            } else if last.isAuthentication {
                usesEAP
                    ? ("I_WAIT_AUTH, EAP round \(max(rounds - 1, 1))", "R_WAIT_EAP_RESP")
                    : ("I_WAIT_AUTH", "R_WAIT_AUTH if the request does not arrive")
            } else {
                ("I_WAIT_AUTH", "R_WAIT_AUTH")
            }
        return "state of \(initiator): \(state.initiator); of \(responder): \(state.responder)"
    }
}
