import ScopeModel

extension Finding.Advice {
    /// What to do where two peers have different pre-shared keys.
    static func sameKey(for attempt: Attempt) -> [Finding.Advice] {
        [
            Finding.Advice(
                "enter the key again, and look for a second entry that matches this peer", on: attempt.initiator,
                ios: ["crypto isakmp key KEY address \(attempt.responder)"]),
            Finding.Advice(
                "the same key; spaces at its end and upper case matter", on: attempt.responder,
                ios: ["crypto isakmp key KEY address \(attempt.initiator)"]),
        ]
    }
}
