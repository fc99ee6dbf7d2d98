import ScopeDissect
import ScopeModel
import ScopeWire

/// The key is right, and the identity is not the one that was expected.
struct IdentityRefused: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        if attempt.usesSignatures {
            return RefusedProof.all(attempt).prefix(1).compactMap { signed(attempt, $0, pair) }
        }
        if let finding = byResponder(attempt) { return [finding] }
        return byInitiator(attempt).map { [$0] } ?? []
    }

    /// Whatever it is that was refused of a side that signs, and that no other rule names.
    private func signed(_ attempt: Attempt, _ proof: RefusedProof, _ pair: PairCase) -> Finding? {
        // A message of which fragments are missing was not refused.
        guard proof.isRefused || pair.incompleteIP.isEmpty && pair.incompleteIKE.isEmpty else { return nil }
        let (own, other) = (attempt.address(proof.role), attempt.address(proof.role.other))
        return finding(
            attempt, refuser: other, refused: own, proof.isTold([.refusedIdentity]) ? .likely : .possible,
            frames: proof.frames,
            identity: proof.message.identification, evidence: [proof.reception(attempt)])
    }

    /// Message 5 is answered by one notification, and the initiator, which could read it, stops.
    private func byResponder(_ attempt: Attempt) -> Finding? {
        guard attempt.sa.mode != nil, attempt.first(.mainMode(6)) == nil, let message = attempt.proofOfInitiator
        else { return nil }
        // What is in the clear is told by its number.
        let answers = attempt.informationals(by: .responder, after: message).filter(\.isEncrypted)
        guard let answer = answers.first, !attempt.sa.isEstablished || attempt.quickModes.isEmpty else { return nil }
        let isTold = answer.has(.refusedIdentity) || answer.has(.failedAuthentication)
        if isTold, answer.isOpened, message.repeats > 0 || answers.count > 1 {
            return unheard(attempt, message, answers)
        }
        guard answers.count == 1, message.repeats == 0, isTold || !answer.isOpened else { return nil }
        return finding(
            attempt, refuser: attempt.responder, refused: attempt.initiator, isTold ? .proved : .likely,
            frames: Attempt.frames([message, answer]), identity: message.identification,
            evidence: [
                "message \(attempt.sa.mode == .aggressive ? 3 : 5) is answered by one notification\(answer.notifications.first.map { " (\($0.type))" } ?? ""), and \(attempt.initiator) stops at once: it could read the answer, so the keys agree"
            ])
    }

    /// The refusal opens under the agreed key, and the initiator, which goes on, did not read it.
    private func unheard(_ attempt: Attempt, _ message: Attempt.Message, _ answers: [Attempt.Message]) -> Finding {
        let isProved = answers.contains { if case .verified = $0.proof { true } else { false } }
        let name = answers.lazy.flatMap(\.notifications).first.map { "\($0.type)" } ?? "a notification"
        return finding(
            attempt, refuser: attempt.responder, refused: attempt.initiator, isProved ? .proved : .likely,
            frames: Attempt.frames([message] + answers), identity: message.identification,
            evidence: [
                "message 5 is answered \(Words.count(answers.count, "time")) by \(name), which opens under the agreed key"
                    + (isProved ? ", with the right HASH: so the pre-shared keys agree" : ""),
                "\(attempt.initiator) goes on repeating message 5 (\(message.transmissions) times): it did not read the answer (libreswan before November 2024 sends it under an IV that nobody expects)",
            ])
    }

    /// The initiator ends it right after message 6.
    private func byInitiator(_ attempt: Attempt) -> Finding? {
        guard let answer = attempt.first(.mainMode(6)), attempt.quickModes.isEmpty,
            !attempt.messages.contains(where: \.step.isConfiguration)
        else { return nil }
        let ends = attempt.informationals(by: .initiator, after: answer)
        guard let end = ends.first, end.time.since(answer.time) < 2_000_000_000, ends.allSatisfy({ $0.liveness == nil })
        else { return nil }
        if end.isOpened, !end.deletes.contains(where: { $0.protocolID == .isakmp }),
            !end.notifications.contains(where: { $0.type.isError })
        {
            return nil
        }
        var isRight = false
        if case .verified = answer.proof { isRight = true }
        return finding(
            attempt, refuser: attempt.initiator, refused: attempt.responder,
            isRight ? .likely : .possible,
            frames: Attempt.frames([answer, end]), identity: answer.identification,
            evidence: [
                "\(attempt.initiator) sends one Informational\(end.deletes.isEmpty ? "" : " (a Delete of the IKE SA)") \(Words.seconds(from: answer.time, to: end.time)) after message 6, and no Quick Mode",
                isRight ? "the HASH of message 6 is right, so the keys agree" : "",
            ].filter { !$0.isEmpty })
    }

    private func finding(
        _ attempt: Attempt, refuser: IPAddress, refused: IPAddress, _ certainty: Finding.Certainty,
        frames: [Int], identity identification: IdentificationPayload?, evidence: [String]
    ) -> Finding {
        let identity = identification.map { Words.identity($0) }
        return Finding(
            .idMismatch, certainty, peers: attempt.peers, frames: frames,
            summary: attempt.usesSignatures && certainty == .possible
                ? "\(refuser) refuses the identity or the certificate of \(refused)"
                    + (identity.map { ": \($0)" } ?? "")
                : "\(refuser) does not accept the identity of \(refused)" + (identity.map { ": \($0)" } ?? ""),
            evidence: evidence,
            advice: [
                Finding.Advice(
                    "accept this identity" + (identity.map { " (\($0))" } ?? ""), on: refuser,
                    ios: attempt.ios.match(refused)),
                Finding.Advice(
                    "or send the identity that is expected", on: refused, ios: attempt.ios.identity("address")),
            ],
            lookAlikes: certainty == .proved
                ? []
                : attempt.usesSignatures
                    ? [
                        "a CA that is not trusted (\(FindingID.certNotTrusted.text))",
                        "no certificate (\(FindingID.certMissingReq.text))",
                        "a signature that is wrong (\(FindingID.sigInvalid.text))", "a tunnel that was closed by hand",
                    ]
                    : ["a policy or certificate that is refused", "a tunnel that was closed by hand"])
    }
}
