import ScopeModel

extension TwoTaps {
    /// What the comparison shows; `names` are those of A and B.
    func findings(names: (a: String, b: String)) -> [Finding] {
        let taps = TapCase(self, names: names)
        return Rules.taps.flatMap { $0.findings(taps) }
    }

    /// The findings of one tap with those of the comparison: what both taps prove takes the place of what one suggested.
    public func settle(_ findings: [Finding], names: (a: String, b: String)) -> [Finding] {
        let own = self.findings(names: names)
        let proved = own.filter {
            $0.certainty == .proved && [.espBlocked, .espLoss, .natDetected].contains($0.id)
        }
        let replaced: Set<FindingID> = [.espBlocked, .oneWayInner, .espLoss, .natDetected, .capDuplicates]
        let rest = findings.filter { finding in
            guard replaced.contains(finding.id) else { return true }
            if finding.id == .oneWayInner {
                return !proved.contains { $0.id == .espBlocked || $0.id == .espLoss }
            }
            return finding.id != .capDuplicates && !proved.contains { $0.id == finding.id }
        }
        return (own + rest).enumerated().sorted { a, b in
            a.element.severity != b.element.severity ? a.element.severity > b.element.severity : a.offset < b.offset
        }.map(\.element)
    }
}
