import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// An identity is refused, and there are profiles of which none matches it.
struct ConfiguredIdentity: ConfiguredRule {
    let ids: Set<FindingID> = [.idMismatch]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        // Who refuses is who was given advice first.
        guard attempt.sa.version == .v1, let refuser = finding.advice.first?.peer, let config = devices[refuser],
            !config.profiles.isEmpty,
            let identity = attempt.identity(of: refuser == attempt.responder ? .initiator : .responder)
        else { return finding }
        var finding = finding
        if let profile = config.profile(matching: identity, local: refuser) {
            finding.evidence.append(
                "\(config.place(profile.line)): profile \(profile.name) matches this identity, so the configuration does not explain this"
            )
            return finding
        }
        for profile in config.profiles.prefix(6) {
            let matches = profile.matches.prefix(4).map(IOSText.match).joined(separator: ", ")
            finding.evidence.append(
                "\(config.place(profile.line)): profile \(profile.name) does not match it: \(matches.isEmpty ? "it has no match" : matches)"
            )
        }
        finding.certainty = max(finding.certainty, .likely)
        finding.advice[0].ios =
            ["crypto isakmp profile \(config.profiles[0].name)"] + Self.match(identity)
        return finding
    }

    /// The line of a profile that would match an identity.
    static func match(_ identity: Identity) -> [String] {
        switch identity {
        case .address(let address): [" match identity address \(address)"]
        case .fqdn(let name): [" match identity host \(name)"]
        case .userFQDN(let name): [" match identity user \(name)"]
        case .keyID(let bytes): [" match identity group \(String(decoding: bytes, as: UTF8.self))"]
        case .subnet, .range, .distinguishedName, .other: []
        }
    }
}
