import ScopeDissect
import ScopeModel
import ScopeWire

/// A negotiation that comes to nothing, and no other rule says why: where it stops, and who was to move.
///
/// It stands behind all rules that know more. One that the capture leaves before anybody would have sent again is told, and
/// nothing is concluded.
struct Stalled: AttemptRule {
    /// So long every device waits at most before it sends a request again.
    private static let patience: Int64 = 10_000_000_000

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.sa.version == .v2, attempt.isFromStart, !attempt.sa.isGroup, !attempt.isUp,
            attempt.redirection == nil, attempt.childlessAnswer == nil,
            // What an ICMP error says of it is reason enough.
            !attempt.sent(by: .responder).isEmpty || pair.errors.allSatisfy(\.notice.error.isTooBig),
            attempt.messages.allSatisfy(\.isFollowed),
            let last = attempt.messages.max(by: { $0.lastTime < $1.lastTime })
        else { return [] }
        let silence = pair.captureEnd.since(last.lastTime)
        // A device answers another group with a new request at once.
        let mayGoOn = attempt.isCut && last.has(.wrongGroup)
        let isOver = last.repeats > 0 || silence >= Self.patience || attempt.isRefusedSomehow && !mayGoOn
        if !isOver, pair.attempts.contains(where: \.isUp) { return [] }
        return [isOver ? stopped(attempt, last, silence) : unfinished(attempt, last, silence)]
    }

    private func unfinished(_ attempt: Attempt, _ last: Attempt.Message, _ silence: Int64) -> Finding {
        Finding(
            .stalled, .possible, severity: .note, peers: attempt.peers,
            frames: Array(Set([attempt.firstFrame, last.firstFrame])).sorted(),
            summary:
                "the capture ends \(Words.seconds(Double(silence) / 1e9)) after the \(last.name) of \(attempt.address(last.sender)): nothing can be concluded",
            evidence: [state(attempt, last), "no device would have sent anything again by then"],
            advice: [Finding.Advice("capture until the tunnel is up, or has failed")])
    }

    private func stopped(_ attempt: Attempt, _ last: Attempt.Message, _ silence: Int64) -> Finding {
        let mover = attempt.address(self.mover(last))
        let other = attempt.address(self.mover(last).other)
        let times =
            last.transmissions > 1
            ? "sent \(last.transmissions) times in \(Words.seconds(from: last.time, to: last.lastTime))"
            : "sent once, \(Words.seconds(Double(silence) / 1e9)) before the capture ends"
        if let told = attempt.messages.last(where: { $0.refusal != nil && $0.time >= last.time }) {
            return refused(attempt, told)
        }
        return Finding(
            .stalled, .likely, peers: attempt.peers, frames: Attempt.frames([last]),
            summary: last.step.isAnswer
                ? "the negotiation stops after the \(last.name) of \(other): \(mover) does not go on"
                : "the negotiation stops: \(mover) does not answer the \(last.name) of \(other)",
            evidence: [
                "the last message, \(last.name) in frame \(last.firstFrame), was \(times)", state(attempt, last),
            ]
                + eap(attempt),
            advice: [
                Finding.Advice(
                    last.step.isAnswer
                        ? "see whether the answer arrives there, and what it says of it"
                        : "see whether the request arrives there, and what it says of it", on: mover,
                    ios: ["debug crypto ikev2", "show crypto ikev2 sa detailed"])
            ],
            lookAlikes: last.step.isAnswer
                ? ["an answer that is lost behind this tap", "an initiator that refuses the answer and keeps silent"]
                : ["a request or an answer that is lost behind this tap", "a responder that keeps silent on purpose"])
    }

    /// An error that no other rule knows more of.
    private func refused(_ attempt: Attempt, _ told: Attempt.Message) -> Finding {
        let (sender, other) = (attempt.address(told.sender), attempt.address(told.sender.other))
        let name = told.refusal.map { "\($0.type)" } ?? "an error"
        return Finding(
            .stalled, told.isEncrypted ? .proved : .likely, peers: attempt.peers, frames: told.frames,
            summary: "\(sender) ends the negotiation with \(other): \(name)",
            evidence: [
                "\(told.name) in frame \(told.firstFrame)",
                told.isEncrypted
                    ? "the notification is protected" : "the notification is not protected: anybody could have sent it",
            ] + Self.status(told),
            advice: [
                Finding.Advice(
                    "see what it says of this negotiation", on: sender,
                    ios: ["debug crypto ikev2", "show crypto ikev2 profile"])
            ])
    }

    /// The data of an error that is no registry's: Windows has a number of its own in one.
    private static func status(_ told: Attempt.Message) -> [String] {
        guard let refusal = told.refusal, refusal.meaning == nil, !refusal.data.isEmpty else { return [] }
        return ["its data: \(Words.hex(Array(refusal.data.prefix(16))))"]
    }

    /// Who was to send something: who is asked, or, behind an answer, the initiator.
    private func mover(_ last: Attempt.Message) -> Role { last.step.isAnswer ? .initiator : last.sender.other }

    /// IOS's words for where the two sides are.
    private func state(_ attempt: Attempt, _ last: Attempt.Message) -> String {
        let rounds = attempt.authentications.count { !$0.step.isAnswer }
        let state: (initiator: String, responder: String) =
            if last.isInitial {
                last.step.isAnswer
                    ? ("I_WAIT_INIT if the answer does not arrive", "R_WAIT_AUTH") : ("I_WAIT_INIT", "none")
            } else if last.isAuthentication {
                attempt.usesEAP
                    ? ("I_WAIT_AUTH, EAP round \(max(rounds - 1, 1))", "R_WAIT_EAP_RESP")
                    : ("I_WAIT_AUTH", "R_WAIT_AUTH if the request does not arrive")
            } else {
                ("I_WAIT_AUTH", "R_WAIT_AUTH")
            }
        return "state of \(attempt.initiator): \(state.initiator); of \(attempt.responder): \(state.responder)"
    }

    /// Which method of EAP is under way.
    private func eap(_ attempt: Attempt) -> [String] {
        guard attempt.usesEAP else { return [] }
        let method = attempt.authentications.lazy.compactMap(\.eap).last { $0.isOfMethod }?.methodName
        return [
            method.map { "EAP with \($0) is under way" } ?? "EAP is under way: there are several rounds of IKE_AUTH"
        ]
    }
}

extension Attempt {
    /// A notification of an error ended it, which no other rule explains.
    fileprivate var isRefusedSomehow: Bool { messages.last?.refusal != nil || isDeleted }
}

extension Attempt.Message {
    /// The exchange of a message that is listed, and that nobody follows.
    var strangeExchange: ExchangeType? {
        switch step {
        case .v1(.other(let exchange)), .other(let exchange): exchange
        case .v2(let step): isFollowed ? nil : step.exchange
        case .v1: nil
        }
    }

    /// Of an exchange that sets up or runs a tunnel; others have an SA of their own kind.
    var isFollowed: Bool {
        guard case .v2(let step) = step else { return false }
        return [
            .ikeSAInit, .ikeAuth, .createChildSA, .informationalV2, .ikeSessionResume, .ikeIntermediate, .ikeFollowupKE,
        ].contains(step.exchange)
    }
}
