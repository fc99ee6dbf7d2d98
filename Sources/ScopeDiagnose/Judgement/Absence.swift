import ScopeModel

/// What was not seen may have been lost by the capture itself: a finding that rests on it is one step less sure then.
enum Absence {
    static func weigh(_ finding: Finding, _ pair: PairCase, losses: UInt64) -> Finding {
        guard losses > 0 || !pair.cutFrames.isEmpty, isWeakened(finding) else { return finding }
        var finding = finding
        finding.certainty = finding.certainty == .proved ? .likely : .possible
        let why = losses > 0 ? "the capture lost packets" : "the capture holds packets that were cut"
        finding.evidence.append("\(why): the missing packets may be among them")
        if finding.lookAlikes.isEmpty { finding.lookAlikes = ["packets that the capture lost"] }
        return finding
    }

    private static func isWeakened(_ finding: Finding) -> Bool {
        switch finding.id.absence {
        case .none: false
        case .unlessProved: finding.certainty == .likely
        case .always: finding.certainty >= .likely
        }
    }
}
