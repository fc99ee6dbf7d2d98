import ScopeModel

/// What was not seen may have been lost by the capture itself: then what rests on it is one step less sure.
enum Absence {
    /// Findings that rest on something that is missing.
    private static let resting: Set<String> = [
        "no-response", "peer-silent-policy", "udp500-one-way", "nat4500-blocked", "xauth-not-expected", "p2-failed",
        "qm3-lost", "esp-blocked", "one-way-inner", "dpd-timeout", "dpd-loss-but-esp", "peer-reboot",
        "psk-mismatch-main",
    ]

    static func weigh(_ finding: Finding, _ pair: PairCase, losses: UInt64) -> Finding {
        guard resting.contains(finding.id), losses > 0 || !pair.cutFrames.isEmpty else { return finding }
        // Proved by what was seen on both sides, or by what a peer says.
        guard finding.certainty == .likely || finding.id == "peer-reboot" && finding.certainty == .proved else {
            return finding
        }
        var finding = finding
        finding.certainty = finding.certainty == .proved ? .likely : .possible
        let why = losses > 0 ? "the capture lost packets" : "the capture holds packets that were cut"
        finding.evidence.append("\(why): what is missing here may be among them")
        if finding.lookAlikes.isEmpty { finding.lookAlikes = ["packets that the capture lost"] }
        return finding
    }
}
