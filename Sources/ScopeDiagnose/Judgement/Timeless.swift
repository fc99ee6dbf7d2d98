import ScopeModel

/// What a capture without a clock leaves of a finding.
enum Timeless {
    /// The finding as far as it holds without times; nil where it says nothing without them.
    static func weigh(_ finding: Finding) -> Finding? {
        switch finding.id {
        // How long, how soon or when is all that these say.
        case .certExpired, .clockSkew, .certRevocation, .rekeyStorm, .rekeyCollision, .simultaneousInit,
            .retransmitStorm,
            .espIdleAfterUp, .nattKeepaliveMissing, .oldSPIUsed, .reauth:
            return nil
        default: break
        }
        guard finding.certainty == .likely, finding.id.absence != .none else { return finding }
        var finding = finding
        finding.certainty = .possible
        finding.evidence.append("the time stamps do not tell how long the answer was awaited")
        return finding
    }
}
