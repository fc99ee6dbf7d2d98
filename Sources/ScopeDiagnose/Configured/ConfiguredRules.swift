import ScopeConfig
import ScopeModel

/// What a configuration adds to a finding: why, how sure, and what to change.
protocol ConfiguredRule: Sendable {
    /// The findings that it can say more about.
    var ids: Set<String> { get }
    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding
}

/// A finding goes through each that knows its id.
enum ConfiguredRules {
    static let all: [any ConfiguredRule] = [
        ConfiguredMode(), ConfiguredPhase1(), ConfiguredPeerAddress(), ConfiguredPhase2(), ConfiguredKeys(),
        ConfiguredIdentity(),
    ]

    static func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard !devices.isEmpty else { return finding }
        // By the id that it came with: what one has explained is not explained again.
        var refined = all.filter { $0.ids.contains(finding.id) }.reduce(finding) { $1.refine($0, attempt, devices) }
        // What is to be typed is in the words of the device that it is typed on.
        for index in refined.advice.indices {
            guard let peer = refined.advice[index].peer, devices[peer]?.isASA == true else { continue }
            refined.advice[index].ios = ASAText.lines(refined.advice[index].ios)
        }
        return refined
    }
}
