import ScopeDissect
import ScopeModel
import ScopeWire

/// Questions of Dead Peer Detection that the peer cannot check, as their HASH stands where it does not look for it.
struct DPDPayloadOrder: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let behind = attempt.messages.filter { $0.isHashBehind && $0.step.isInformational && $0.isOpened }
        if let first = behind.first {
            let who = first.sender
            let unanswered = attempt.unansweredQuestions(of: who).filter(\.isHashBehind)
            guard unanswered.count >= 2 || attempt.messages.last?.isHashBehind ?? false else { return [] }
            return [
                finding(
                    attempt, who, .proved, behind,
                    evidence: [
                        "the HASH of frame \(first.firstFrame) comes after its notification, against RFC 2409 section 5.7",
                        "\(attempt.address(who.other)) answers none of them",
                    ])
            ]
        }
        return [Role.initiator, .responder].compactMap { pattern(attempt, $0) }.prefix(1).map { $0 }
    }

    /// Without keys: one side's questions are answered, the other's of the same size never.
    private func pattern(_ attempt: Attempt, _ role: Role) -> Finding? {
        let tail = attempt.unansweredQuestions(of: role)
        guard tail.count >= 3, tail.allSatisfy({ !$0.isOpened }), let first = tail.first, let last = tail.last else {
            return nil
        }
        let answered = attempt.messages.indices.dropLast().filter { index in
            let (question, answer) = (attempt.messages[index], attempt.messages[index + 1])
            return question.sender == role.other && answer.sender == role && question.step.isInformational
                && answer.step.isInformational && question.length == first.length && answer.length == first.length
                && answer.time.since(question.time) < 1_000_000_000
        }
        // The other side is alive: it asks, and is answered, in between or behind.
        let isAlive =
            answered.contains { attempt.messages[$0].time > first.time }
            || attempt.messages.contains {
                $0.sender == role.other && $0.time > last.time && $0.isEncrypted
            }
        let never = !attempt.messages.indices.dropLast().contains { index in
            let (question, answer) = (attempt.messages[index], attempt.messages[index + 1])
            return question.sender == role && answer.sender == role.other && question.step.isInformational
                && answer.step.isInformational && question.length == first.length && answer.length == first.length
                && answer.time.since(question.time) < 1_000_000_000
        }
        guard !answered.isEmpty, isAlive, never else { return nil }
        return finding(
            attempt, role, .likely, tail,
            evidence: [
                "\(tail.count) Informational messages of \(first.length) bytes, each as long as a DPD request, without an answer",
                "\(attempt.address(role)) answers those that \(attempt.address(role.other)) asks (\(Words.count(answered.count, "time")))",
            ])
    }

    private func finding(
        _ attempt: Attempt, _ role: Role, _ certainty: Finding.Certainty, _ messages: [Attempt.Message],
        evidence: [String]
    ) -> Finding {
        let (asker, other) = (attempt.address(role), attempt.address(role.other))
        return Finding(
            .dpdPayloadOrder, certainty, peers: attempt.peers, frames: Attempt.frames(messages),
            summary:
                "\(other) does not understand the DPD requests of \(asker): their payloads are in another order",
            evidence: evidence,
            advice: [
                Finding.Advice(
                    "make it put the HASH first, as RFC 2409 requires (Huawei: dpd msg seq-hash-notify)", on: asker),
                Finding.Advice(
                    "or send DPD from one side only", on: other, ios: ["no crypto isakmp keepalive"]),
            ],
            lookAlikes: certainty == .proved
                ? []
                : [
                    "a filter that drops UDP 500 in one direction (\(FindingID.dpdLossButESP.text))",
                    "a peer that is down (\(FindingID.dpdTimeout.text))",
                ])
    }
}
