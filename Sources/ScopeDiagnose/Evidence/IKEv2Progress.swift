import ScopeDissect
import ScopeModel
import ScopeWire

/// How far a negotiation has come: what rules ask of either version, worked out from what each one sends.
extension Attempt {
    /// The answer that chooses what the first message offers.
    var firstAnswer: Message? {
        first(.mainMode(2)) ?? first(.aggressive(2))
            ?? messages.first { $0.isInitial && $0.step.isAnswer && $0.refusal == nil && ($0.hasSA || $0.hasKE) }
    }

    /// The first answer came, and nothing behind it.
    var endsWithFirstAnswer: Bool {
        switch sa.version {
        case .v1: sa.position == 2
        case .v2: firstAnswer != nil && messages.allSatisfy(\.isInitial)
        }
    }

    /// A side shows where it sends from, so that a NAT can be found (RFC 3947 section 3.1, RFC 7296 section 2.23).
    func offersNATTraversal(_ role: Role) -> Bool {
        switch sa.version {
        case .v1: vendors[role]?.contains("nat-t") ?? false
        // What stops half way is no tunnel that a NAT could hinder.
        case .v2: sa.isHalfOpen || natDiscovery[role] != nil
        }
    }

    /// Some of its messages have the hashes that find a NAT.
    func bearsNATHashes(_ message: Message) -> Bool {
        switch message.step {
        case .v1(.mainMode(3)), .v1(.mainMode(4)), .v1(.aggressive(2)), .v1(.aggressive(3)): true
        case .v1, .other: false
        case .v2: message.isInitial
        }
    }

    /// A message that no key opens, and that may be a Delete, came soon after `time`.
    func mayEnd(at time: Instant, within patience: Int64) -> Bool {
        sa.version == .v2
            && messages.contains { message in
                message.step.isInformational && message.isEncrypted && !message.isOpened && message.lastTime >= time
                    && message.time.since(time) < patience
            }
    }

    /// IKE_AUTH of IKEv2, in order: the first one, and what EAP and further proofs add.
    var authentications: [Message] { messages.filter(\.isAuthentication) }

    /// The last answer of IKE_AUTH, behind which no request of it comes.
    var lastAuthentication: Message? {
        guard let last = authentications.last, last.step.isAnswer else { return nil }
        return last
    }

    /// EAP asks a user: as its messages say, or as there are several rounds of IKE_AUTH.
    var usesEAP: Bool {
        let rounds = authentications.filter { !$0.step.isAnswer }
        return rounds.count > 1 || rounds.contains { $0.eap != nil }
            || authentications.contains { $0.step.isAnswer && $0.eap != nil }
    }

    /// What the other side says to a message that proves a side.
    func reactions(to message: Message) -> [Message] {
        switch sa.version {
        case .v1: informationals(by: message.sender.other, after: message)
        case .v2:
            message.step.isAnswer
                ? [refusal(byInitiator: message)].compactMap { $0 } : [answer(to: message)].compactMap { $0 }
        }
    }

    func nameOfSignature(of role: Role) -> String {
        sa.version == .v2 ? "AUTH" : role == .initiator ? "SIG_I" : "SIG_R"
    }

    /// The request of the exchange that ends all that was seen of the tunnel, where no key opens it and it may be a Delete.
    var lastSealedQuestion: Message? {
        guard sa.version == .v2, isUp || isAuthenticated, let last = messages.last, last.step.isInformational,
            last.step.isAnswer, !last.isOpened, let request = request(of: last), size(request).isShort
        else { return nil }
        return request
    }

    /// The message behind which traffic may begin.
    var lastOfChild: Message? {
        switch sa.version {
        case .v1: messages.last { if case .v1(.quickMode(3)) = $0.step { true } else { false } }
        case .v2: pairs.last.flatMap { pair in messages.first { $0.isIn(pair.frame) } }
        }
    }

    /// What proves a side comes next, which may be large.
    var awaitsProof: Bool { sa.version == .v1 ? sa.position >= 4 : proofOfInitiator != nil }

    /// It has messages that no key opens, in which a child may be agreed on.
    var mayHaveChildren: Bool {
        messages.contains { message in
            message.isEncrypted
                && (sa.version == .v2 || message.step == .v1(.quickMode(2)) && !message.isOpened)
        }
    }

    /// The second message of Quick Mode is sent in vain, and what makes its SAs whole never came.
    var lacksThirdMessage: Bool {
        sa.version == .v1 && !isUp
            && messages.contains { $0.step == .v1(.quickMode(2)) && $0.repeats > 0 }
    }

    /// What an encrypted message can hold.
    func size(_ message: Message) -> SealedSize {
        SealedSize(length: message.length, pieces: message.pieces?.count ?? 1, suite: sa.suite)
    }

    /// IKE_AUTH was answered with more than a refusal: both sides have proved themselves, as far as the capture tells.
    var isAuthenticated: Bool {
        if sa.version == .v1 { return sa.isEstablished }
        if sa.isEstablished { return !isTurnedDown }
        guard let answer = lastAuthentication, !answer.isOpened, !endsInsideProof else { return false }
        return size(answer).mayHold(SealedSize.authentication(sa.suite)) && !isRefusedByInitiator(answer)
    }

    /// The capture ends with an answer of IKE_AUTH that no key opens and that has room for a child.
    ///
    /// It may as well be a round of EAP, with a certificate in it: what comes next would tell.
    var endsInsideProof: Bool {
        guard isCut, !hasTraffic, let last = messages.last, last.isAuthentication, last.step.isAnswer, !last.isOpened
        else { return false }
        return size(last).mayHold(SealedSize.authentication(sa.suite) + SealedSize.child)
    }

    /// The frame that shows a child: the pair of SAs itself, an answer in which there is room for one, or the traffic.
    var childFrame: Int? {
        if let pair = pairs.first { return pair.frame }
        guard sa.version == .v2 else { return nil }
        if let answer = lastAuthentication, !answer.isOpened, !isRefusedByInitiator(answer), !endsInsideProof {
            let most = size(answer)
            let proof = usesEAP ? SealedSize.authentication(sa.suite) : SealedSize.authentication(sa.suite) + 12
            if most.mayHold(proof + SealedSize.child) { return answer.firstFrame }
            if hasTraffic, most.mayHold(SealedSize.authentication(sa.suite)) { return answer.firstFrame }
        }
        // A child may come later, in an exchange of its own.
        let later = messages.first {
            $0.step.answersForChild && !$0.isOpened && size($0).mayHold(SealedSize.child + 20)
        }
        if let later { return later.firstFrame }
        guard !isFromStart, hasTraffic, let last = messages.last, !last.isOpened else { return nil }
        return last.firstFrame
    }

    /// The initiator got all that it asked for, and says that it does not believe who gave it.
    var isTurnedDown: Bool {
        guard sa.version == .v2, let answer = lastAuthentication, let end = refusal(byInitiator: answer) else {
            return false
        }
        return end.isOpened && end.has(.failedAuthentication)
    }

    /// The initiator turns its back on the answer at once: one INFORMATIONAL as short as a notification, and no traffic.
    func isRefusedByInitiator(_ answer: Message) -> Bool { refusal(byInitiator: answer) != nil }

    func refusal(byInitiator answer: Message) -> Message? {
        guard !hasTraffic else { return nil }
        return messages.first { message in
            message.sender == .initiator && message.step.isInformational && !message.step.isAnswer
                && message.time >= answer.time && message.time.since(answer.time) < 300_000_000
                && (message.isOpened ? message.refusal != nil : size(message).isShort && message.isEncrypted)
        }
    }
}

extension Attempt.Message {
    /// A message of IKE_SA_INIT.
    var isInitial: Bool { if case .v2(let step) = step { step.exchange == .ikeSAInit } else { false } }

    /// A message of IKE_AUTH.
    var isAuthentication: Bool { if case .v2(let step) = step { step.exchange == .ikeAuth } else { false } }

    /// `IKE_AUTH request`, `message 5`: as the field calls it.
    var name: String {
        switch step {
        case .v2(let step):
            "\(step.exchange.name ?? "exchange \(step.exchange.rawValue)") \(step.isResponse ? "response" : "request")"
        case .v1(.informational): "Informational"
        default: step.number.map { "message \($0)" } ?? "message"
        }
    }
}
