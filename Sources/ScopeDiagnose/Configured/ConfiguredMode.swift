import ScopeConfig
import ScopeModel

/// Aggressive Mode is refused, and the configuration says so or does not.
struct ConfiguredMode: ConfiguredRule {
    let ids: Set<FindingID> = [.modeMismatch]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard attempt.sa.mode == .aggressive, let config = devices[attempt.responder] else { return finding }
        var finding = finding
        guard config.refusesAggressiveMode else {
            finding.evidence.append(
                "\(config.place()) does not refuse Aggressive Mode: the configuration does not explain this")
            return finding
        }
        finding.evidence.append("\(config.place()) has 'crypto isakmp aggressive-mode disable'")
        finding.certainty = .proved
        finding.lookAlikes = []
        return finding
    }
}
