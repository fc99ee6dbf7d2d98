import ScopeDissect
import ScopeModel
import ScopeWire

/// The message in which a side proves itself with a signature, and what the other side makes of it: nothing good.
struct RefusedProof {
    var role: Role
    var message: Attempt.Message
    /// What the other side says to it; none where it is only sent again and again.
    var answers: [Attempt.Message]
    /// What the other side asked for before: the names of authorities, or an empty one.
    var requests: [String]
    /// These name the keys of authorities, and not the authorities themselves.
    var asksByHash = false

    /// Of either side, where a negotiation with signatures comes to nothing.
    static func all(_ attempt: Attempt) -> [RefusedProof] {
        if attempt.sa.version == .v2 { return ofIKEAuth(attempt) }
        guard attempt.usesSignatures, !attempt.isUp, attempt.quickModes.isEmpty else { return [] }
        return [Role.initiator, .responder].compactMap { role in
            guard let message = message(of: role, attempt), role == .responder || !attempt.isHybrid else { return nil }
            // What goes on is accepted.
            if role == .initiator, attempt.first(.mainMode(6)) != nil { return nil }
            if role == .responder, attempt.first(.aggressive(3)) != nil { return nil }
            let answers = attempt.informationals(by: role.other, after: message).filter { answer in
                answer.isEncrypted && !answer.isOpened || answer.notifications.contains { $0.type.isError }
                    || role == .responder && answer.deletes.contains { $0.protocolID == .isakmp }
            }
            guard !answers.isEmpty || message.repeats > 0 else { return nil }
            let requests = attempt.messages.filter { $0.sender == role.other && $0.step.isOfSetUp }.flatMap(\.requests)
            return RefusedProof(role: role, message: message, answers: answers, requests: requests)
        }
    }

    /// Where IKE_AUTH can be read: each side says for itself that it signs.
    private static func ofIKEAuth(_ attempt: Attempt) -> [RefusedProof] {
        guard !attempt.isUp else { return [] }
        return [Role.initiator, .responder].compactMap { role in
            guard let message = attempt.authentications.first(where: { $0.sender == role && $0.hasSignature }) else {
                return nil
            }
            let answers: [Attempt.Message]
            if role == .initiator {
                answers = [attempt.answer(to: message)].compactMap { $0 }.filter { answer in
                    answer.method == nil && answer.refusal != nil
                }
            } else {
                // Who goes on with EAP has accepted it.
                let isAccepted = attempt.authentications.contains { $0.sender == .initiator && $0.time > message.time }
                answers = isAccepted ? [] : [attempt.refusal(byInitiator: message)].compactMap { $0 }
            }
            guard !answers.isEmpty else { return nil }
            let requests = attempt.messages.filter { $0.sender == role.other && $0.step.isOfSetUp }.flatMap(\.requests)
            var proof = RefusedProof(role: role, message: message, answers: answers, requests: requests)
            proof.asksByHash = true
            return proof
        }
    }

    private static func message(of role: Role, _ attempt: Attempt) -> Attempt.Message? {
        role == .initiator ? attempt.proofOfInitiator : attempt.first(.mainMode(6)) ?? attempt.first(.aggressive(2))
    }

    var isRefused: Bool { !answers.isEmpty }
    var frames: [Int] { Attempt.frames([message] + answers) }

    /// A notification that says one of these can be read among the answers.
    func isTold(_ meanings: Set<NotifyMeaning>) -> Bool {
        answers.contains { $0.notifications.contains { $0.meaning.map(meanings.contains) ?? false } }
    }

    /// `message 5`, as the field counts.
    var name: String {
        message.step.isOfSetUp ? message.name : "its message"
    }

    /// How it was received, in words.
    func reception(_ attempt: Attempt) -> String {
        let other = attempt.address(role.other)
        guard let answer = answers.first else {
            return "\(name) was sent \(message.transmissions) times, without an answer"
        }
        let told = answer.notifications.first { $0.type.isError }.map { " (\($0.type))" } ?? ""
        return "\(other) answers \(name) with an \(answer.name)\(told) instead of going on"
    }
}
