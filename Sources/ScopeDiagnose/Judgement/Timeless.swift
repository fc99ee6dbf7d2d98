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
        var finding = finding
        finding.summary = withoutTime(finding.summary)
        finding.evidence = finding.evidence.map(withoutTime)
        guard finding.certainty == .likely, finding.id.absence != .none else { return finding }
        finding.certainty = .possible
        finding.evidence.append("the time stamps do not tell how long the answer was awaited")
        return finding
    }

    /// The difference of two stamps that tell no time is no time.
    private static func withoutTime(_ text: String) -> String {
        var words = text.split(separator: " ", omittingEmptySubsequences: false)
        for index in words.indices.dropFirst() where words[index].starts(with: "ms") && words[index - 1] == "0" {
            words[index - 1] = "a time that is not"
            words[index] = "known" + words[index].dropFirst(2)
        }
        return words.joined(separator: " ")
    }
}
