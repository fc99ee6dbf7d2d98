import ScopeModel

/// Says what is to be found in what it looks at: one negotiation, two peers, the capture.
///
/// A rule keeps nothing between two questions, and says the same each time it is asked. Which error hides which is none of
/// its business: `Rules` and the judgement see to that.
protocol Rule<Subject>: Sendable {
    associatedtype Subject

    func findings(_ subject: Subject) -> [Finding]
}

/// One negotiation of an IKE SA, with all else that went on between its peers.
struct AttemptCase {
    let attempt: Attempt
    let pair: PairCase
}

/// A rule about one negotiation: its findings speak of that IKE SA, as long as they name no other one.
protocol AttemptRule: Rule where Subject == AttemptCase {
    /// The one version of IKE that it is about; nil where it is about both.
    static var version: IKEVersion? { get }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding]
}

/// A rule that negotiations of IKEv1 alone are shown to.
protocol IKEv1Rule: AttemptRule {}

/// A rule that negotiations of IKEv2 alone are shown to.
protocol IKEv2Rule: AttemptRule {}

extension AttemptRule {
    static var version: IKEVersion? { nil }
}

extension IKEv1Rule {
    static var version: IKEVersion? { .v1 }
}

extension IKEv2Rule {
    static var version: IKEVersion? { .v2 }
}

extension AttemptRule {
    func findings(_ subject: AttemptCase) -> [Finding] {
        var findings = findings(subject.attempt, in: subject.pair)
        for index in findings.indices where findings[index].ikeSA == nil {
            findings[index].ikeSA = subject.attempt.sa.id
        }
        return findings
    }
}

/// What concerns more than two peers.
struct CaptureCase {
    let facts: CaptureFacts
    let halfOpen: HalfOpenAttempts
    let bounds: Bounds
}
