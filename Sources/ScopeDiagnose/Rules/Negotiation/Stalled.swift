import ScopeDissect
import ScopeModel
import ScopeWire

/// A negotiation that comes to nothing, and no other rule says why: where it stops, and who was to move.
///
/// It stands behind all rules that know more. One that the capture leaves before anybody would have sent again is told, and
/// nothing is concluded.
struct Stalled: AttemptRule {
    /// A negotiation, and where it stands at the end of the capture.
    private struct Standing {
        let attempt: Attempt
        let stall: Stall
        let end: Instant
        var silence: String { Words.seconds(Double(stall.silence(until: end)) / 1e9) }
        var mover: IPAddress { attempt.address(stall.mover) }
        var other: IPAddress { attempt.address(stall.mover.other) }
        var last: Attempt.Message { stall.last }
    }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // In a flood nobody sends a first message twice, and there are too many to be told one by one (half-open-flood).
        if pair.isInCrowd, attempt.sa.isHalfOpen, attempt.messages.first?.repeats == 0 { return [] }
        // Messages that were cut inside their header may be those that seem to be missing.
        if pair.cutMessages > 0 { return [] }
        guard attempt.isFromStart || attempt.isBegunBefore, !attempt.isUnaskedAnswer, !attempt.sa.isGroup,
            !attempt.isUp,
            attempt.redirection == nil, attempt.childlessAnswer == nil,
            // What an ICMP error says of it is reason enough.
            !attempt.sent(by: .responder).isEmpty || pair.errors.allSatisfy(\.notice.error.isTooBig),
            attempt.messages.allSatisfy({ $0.strangeExchange == nil }), let stall = attempt.stall
        else { return [] }
        let standing = Standing(attempt: attempt, stall: stall, end: pair.captureEnd)
        if case .idle = stall.kind { return [idle(standing)] }
        // A device answers another group with a new request at once.
        let mayGoOn = attempt.isCut && stall.last.has(.wrongGroup)
        let isOver = stall.isOver(at: pair.captureEnd) || attempt.isEnded && !mayGoOn
        if !isOver, pair.attempts.contains(where: \.isUp) { return [] }
        return [isOver ? stopped(standing) : unfinished(standing)]
    }

    private func unfinished(_ at: Standing) -> Finding {
        let isLast = at.stall.silence(until: at.end) == 0
        return Finding(
            .stalled, .possible, severity: .note, peers: at.attempt.peers,
            frames: Array(Set([at.attempt.firstFrame, at.last.firstFrame])).sorted(),
            summary:
                "the capture ends \(isLast ? "with" : "\(at.silence) after") \(at.attempt.fullName(at.last)) of \(at.attempt.address(at.last.sender)): "
                + (at.last.step.isOfChild
                    ? "phase 2 is not reached, and nothing follows from that" : "nothing follows from that"),
            evidence: [at.stall.state, "no device would have sent anything again by then"],
            advice: [Finding.Advice("capture until the tunnel is up, or has failed")])
    }

    /// Phase 1 stands, and there is nothing behind it.
    private func idle(_ at: Standing) -> Finding {
        let attempt = at.attempt
        let ends = attempt.messages.filter { $0.firstFrame > at.last.firstFrame && $0.step.isInformational }
        let isLong = at.stall.silence(until: at.end) >= Stall.patience || attempt.isDeleted
        guard isLong else {
            var finding = unfinished(at)
            finding.evidence = [at.stall.state, "phase 1 is complete; phase 2 did not begin before the capture ends"]
            return finding
        }
        return Finding(
            .stalled, .likely, severity: .note, layer: .phase2, peers: attempt.peers,
            frames: [attempt.firstFrame, at.last.firstFrame] + ends.prefix(4).map(\.firstFrame),
            summary:
                "phase 1 between \(attempt.initiator) and \(attempt.responder) is up, and nobody asks for phase 2",
            evidence: [
                "\(attempt.fullName(at.last)) in frame \(at.last.firstFrame), and no Quick Mode in the \(at.silence) behind it",
                at.stall.state,
            ],
            advice: [
                Finding.Advice(
                    "send traffic that the crypto access list permits, and see that it is routed into the tunnel",
                    on: attempt.initiator, ios: ["show crypto map", "debug crypto ipsec"])
            ], lookAlikes: ["a Quick Mode that did not pass this tap", "a tunnel that is kept up without traffic"])
    }

    private func stopped(_ at: Standing) -> Finding {
        if let told = at.attempt.messages.last(where: { $0.refusal != nil && $0.time >= at.last.time }) {
            return refused(at.attempt, told)
        }
        if case .undelivered(let before) = at.stall.kind { return undelivered(at, before) }
        let last = at.last
        let words = StallWords(at.attempt, last, mover: at.stall.mover)
        return Finding(
            .stalled, at.stall.certainty(at: at.end), layer: words.layer, peers: at.attempt.peers,
            frames: Attempt.frames([last]), summary: words.summary,
            evidence: [
                "\(words.name) in frame \(last.firstFrame) (\(last.length) bytes) was \(Self.times(last, at))",
                at.stall.state,
            ] + words.evidence + eap(at.attempt),
            advice: words.advice, lookAlikes: words.lookAlikes)
    }

    private static func times(_ message: Attempt.Message, _ at: Standing) -> String {
        message.transmissions > 1
            ? "sent \(message.transmissions) times in \(Words.seconds(from: message.time, to: message.lastTime))"
            : "sent once, \(at.silence) before the capture ends"
    }

    /// It passes here, and does not arrive.
    private func undelivered(_ at: Standing, _ before: Attempt.Message) -> Finding {
        let (attempt, last) = (at.attempt, at.last)
        let (name, asked) = (attempt.fullName(last), attempt.fullName(before))
        let passed = attempt.messages.filter { $0.sender == last.sender && $0.firstFrame < last.firstFrame }.map(
            \.length)
        let largest = passed.max()
        let isLarger = largest.map { $0 < last.length } ?? false
        return Finding(
            .stalled, at.stall.certainty(at: at.end), layer: .reachability, peers: attempt.peers,
            frames: Attempt.frames([before, last]),
            summary:
                "\(name) of \(at.other) does not reach \(at.mover), which repeats \(asked): it is lost behind this tap, on the way \(last.sender == .responder ? "back" : "there")"
                + (isLarger ? ", perhaps for its size (\(last.length) bytes against \(largest ?? 0))" : ""),
            evidence: [
                "\(asked) was \(Self.times(before, at)), also after \(name) passed here in frame \(last.firstFrame)",
                last.transmissions > 1 ? "\(name) was sent \(last.transmissions) times, as answers to the repeats" : "",
                isLarger ? "smaller messages of \(at.other) arrived" : "",
                at.stall.state,
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "check the way from this tap to it: access lists, NAT, routes, the host's own filter", on: at.mover,
                    ios: ["show access-lists", attempt.ios.debug])
            ] + (isLarger ? [StallWords.ping(last.length, from: at.other, to: at.mover)] : []),
            lookAlikes: ["a side that gets the answer, refuses it and tries again"])
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
                    ios: [attempt.ios.debug, attempt.ios.showSA])
            ])
    }

    /// The data of an error that is no registry's: Windows has a number of its own in one.
    private static func status(_ told: Attempt.Message) -> [String] {
        guard let refusal = told.refusal, refusal.meaning == nil, !refusal.data.isEmpty else { return [] }
        return ["its data: \(Words.hex(Array(refusal.data.prefix(16))))"]
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
    /// A notification of an error, or a Delete, ended it.
    fileprivate var isEnded: Bool { messages.last?.refusal != nil || isDeleted }

    /// Its first messages are not in the capture, and its set-up is.
    fileprivate var isBegunBefore: Bool { messages.first?.step.number.map { $0 > 1 } ?? false && !sa.isEstablished }
}
