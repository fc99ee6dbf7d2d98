import ScopeConfig
import ScopeModel

/// A finding of a negotiation, and the configurations that may say more of it: why, how sure, and what to change.
struct ConfiguredCase {
    var finding: Finding
    /// The kind that it was found as: what one rule has explained by another kind is not explained again.
    let origin: FindingID
    let attempt: Attempt
    let devices: Devices

    /// What the configurations make of `finding`.
    static func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard !devices.isEmpty else { return finding }
        var subject = ConfiguredCase(finding: finding, origin: finding.id, attempt: attempt, devices: devices)
        for rule in Rules.configured {
            if let refined = rule.findings(subject).first { subject.finding = refined }
        }
        // What is to be typed is in the words of the device that it is typed on.
        for index in subject.finding.advice.indices {
            guard let peer = subject.finding.advice[index].peer, devices[peer]?.isASA == true else { continue }
            subject.finding.advice[index].ios = ASAText.lines(subject.finding.advice[index].ios)
        }
        return subject.finding
    }
}

/// A rule about findings of some kinds, in the light of configurations: what it finds takes the place of the finding.
protocol ConfiguredRule: Rule where Subject == ConfiguredCase {
    /// The kinds that it can say more about.
    var ids: Set<FindingID> { get }
    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding
}

extension ConfiguredRule {
    func findings(_ subject: ConfiguredCase) -> [Finding] {
        guard ids.contains(subject.origin) else { return [] }
        return [refine(subject.finding, subject.attempt, subject.devices)]
    }
}
