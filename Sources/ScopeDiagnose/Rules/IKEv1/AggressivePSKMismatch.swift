import ScopeDissect
import ScopeModel
import ScopeWire

/// The two sides of an Aggressive Mode have different pre-shared keys.
struct AggressivePSKMismatch: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.usesPSK, attempt.sa.mode == .aggressive, let answer = attempt.first(.aggressive(2)),
            attempt.first(.aggressive(3)) == nil
        else { return [] }
        // What is in the clear has a number that tells more.
        let refusals = attempt.informationals(by: .initiator, after: answer).filter(\.isEncrypted)
        guard let refusal = refusals.first else { return [] }
        let name = refusal.notifications.first.map { " (\($0.type))" } ?? ""
        let two = twoKeys(attempt)
        return [
            Finding(
                .pskMismatchAggressive, two == nil ? .likely : .proved,
                peers: attempt.peers, frames: [answer.firstFrame, refusal.firstFrame],
                summary:
                    "\(attempt.initiator) and \(attempt.responder) have different pre-shared keys (Aggressive Mode)",
                evidence: [
                    "\(attempt.initiator) answers message 2 with a notification\(name) instead of message 3: HASH_R is not what it computed",
                    two ?? known(attempt, answer) ?? "",
                ].filter { !$0.isEmpty },
                advice: Finding.Advice.sameKey(for: attempt)
                    + (two == nil
                        ? [
                            Finding.Advice(
                                "give candidates (--keys, --psk-list): HASH_R shows which one is the responder's key, without any DH secret"
                            )
                        ] : []),
                lookAlikes: two == nil ? ["an identity that is refused"] : [])
        ]
    }

    /// HASH_R is right with one key, and what the initiator wrote opens with another.
    private func twoKeys(_ attempt: Attempt) -> String? {
        guard case .opened(let names) = attempt.keys, case .each = names else { return nil }
        return "each side used another one of the given keys: \(names)"
    }

    private func known(_ attempt: Attempt, _ answer: Attempt.Message) -> String? {
        switch answer.proof {
        case .verified: "HASH_R of message 2 is right with a given key: that is the key of \(attempt.responder)"
        case .failed: "HASH_R of message 2 is right with none of the given keys"
        case .notChecked: nil
        }
    }
}
