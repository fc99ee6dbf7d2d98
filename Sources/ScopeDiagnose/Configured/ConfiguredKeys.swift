import ScopeConfig
import ScopeModel
import ScopeWire

/// The keys differ: the lines to look at, on each side; where several fit, it may be the wrong one that is used.
struct ConfiguredKeys: ConfiguredRule {
    let ids: Set<FindingID> = [.pskMismatchMain, .pskMismatchAggressive]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        var finding = finding
        for role in [Role.initiator, .responder] {
            let (own, peer) = (attempt.address(role), attempt.address(role.other))
            guard let config = devices[own] else { continue }
            let check = config.checkKey(for: peer, local: own, identity: attempt.identity(of: role.other))
            let lines = check.found.prefix(4).map { found in
                let place = found.keyring.map { "keyring \($0)" } ?? found.group.map { "group \($0)" }
                return "\(place.map { $0 + ", " } ?? "")\(IOSText.peer(found.key.peer)) (line \(found.key.line))"
            }
            guard !lines.isEmpty else { continue }
            finding.evidence.append(
                "the key of \(config.place()) for \(peer): " + lines.joined(separator: "; also ")
                    + (lines.count > 1 ? ". The device may use another of them than the one that is meant" : ""))
        }
        return finding
    }
}
