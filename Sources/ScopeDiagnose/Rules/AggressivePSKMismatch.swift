import ScopeDissect
import ScopeModel
import ScopeWire

/// The two sides of an Aggressive Mode have different pre-shared keys.
struct AggressivePSKMismatch: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.usesPSK, attempt.sa.mode == .aggressive, let answer = attempt.first(.aggressive(2)),
            attempt.first(.aggressive(3)) == nil
        else { return [] }
        let refusals = attempt.informationals(by: .initiator, after: answer)
        guard let refusal = refusals.first else { return [] }
        let name = refusal.notifications.first.map { " (\($0.type))" } ?? ""
        return [
            Finding(
                "psk-mismatch-aggressive", .error, .likely, .authentication, peers: attempt.peers,
                frames: [answer.firstFrame, refusal.firstFrame],
                summary:
                    "\(attempt.initiator) and \(attempt.responder) have different pre-shared keys (Aggressive Mode)",
                evidence: [
                    "\(attempt.initiator) answers message 2 with a notification\(name) instead of message 3: HASH_R is not what it computed"
                ],
                advice: [
                    Finding.Advice("enter the key anew on both sides", ios: ["crypto isakmp key KEY address PEER"]),
                    Finding.Advice(
                        "give candidates (--keys, --psk-list): HASH_R tells the responder's key without any DH secret"),
                ], lookAlikes: ["an identity that is refused"])
        ]
    }
}
