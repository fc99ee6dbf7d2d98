import ScopeModel

/// What the rules say of one negotiation: at most one error, its cause.
struct AttemptJudgement {
    private(set) var findings: [Finding] = []

    init(_ attempt: Attempt, in pair: PairCase) {
        let subject = AttemptCase(attempt: attempt, pair: pair)
        var hasCause = false
        for rule in attempt.sa.version == .v1 ? Rules.attemptOfIKEv1 : Rules.attemptOfIKEv2 {
            for found in rule.findings(subject) {
                let finding = ProductAdvice.added(to: ConfiguredCase.refine(found, attempt, pair.devices), of: attempt)
                // Where it stops is said by what stops it.
                if hasCause, finding.id == .stalled { continue }
                if finding.severity == .error {
                    guard !hasCause else { continue }
                    hasCause = true
                }
                findings.append(finding)
                for rule in Rules.causes { findings += rule.findings(finding) }
            }
        }
        findings += Untold.findings(attempt, pair, told: findings)
    }
}
