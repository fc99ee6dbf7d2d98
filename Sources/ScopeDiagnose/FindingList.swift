import ScopeDissect
import ScopeModel
import ScopeWire

/// The findings of two peers: the same one of several attempts is told once, and counted.
struct FindingList {
    private(set) var findings: [Finding] = []

    mutating func add(_ new: [Finding]) {
        for finding in new {
            let known = findings.firstIndex {
                $0.id == finding.id && $0.severity == finding.severity && $0.summary == finding.summary
            }
            guard let known else {
                findings.append(finding)
                continue
            }
            findings[known].count += 1
            findings[known].certainty = max(findings[known].certainty, finding.certainty)
            if findings[known].frames.count < 32 { findings[known].frames += finding.frames.prefix(8) }
        }
    }

    /// What rests on an absence is weighed by how whole the capture is.
    mutating func weigh(_ pair: PairCase, losses: UInt64) {
        for index in findings.indices { findings[index] = Absence.weigh(findings[index], pair, losses: losses) }
    }

    /// What a later attempt of the same peers made good is a warning.
    mutating func settle(_ pair: PairCase) {
        guard let success = pair.attempts.last(where: { $0.isUp }) else { return }
        for index in findings.indices
        where findings[index].severity == .error
            && (findings[index].layer <= .phase2 || findings[index].id == "dpd-timeout")
        {
            guard let last = findings[index].frames.max(), let made = success.upFrame, last < made else { continue }
            findings[index].severity = .warning
            findings[index].evidence.append("a later attempt succeeded (frame \(made))")
        }
    }

    /// The worst first, the earliest layer first among equals; causes behind what they explain.
    var sorted: [Finding] {
        let own = findings.filter { $0.explains == nil }.enumerated().sorted { a, b in
            let (x, y) = (a.element, b.element)
            if x.severity != y.severity { return x.severity > y.severity }
            if x.layer != y.layer { return x.layer < y.layer }
            return a.offset < b.offset
        }.map(\.element)
        var causes = findings.filter { $0.explains != nil }
        return own.flatMap { finding in
            // Who refused whom is the order of the peers.
            let under = causes.filter { $0.explains == finding.id && $0.peers == finding.peers }
            causes.removeAll { $0.explains == finding.id && $0.peers == finding.peers }
            return [finding] + under
        } + causes
    }
}

extension Attempt {
    /// Phase 2 came through, as far as the capture tells.
    var isUp: Bool { !pairs.isEmpty || quickModes.contains { $0.position >= 3 } }

    /// The frame with which a Quick Mode came through.
    var upFrame: Int? {
        messages.last { if case .quickMode(let number) = $0.step { number >= 2 } else { false } }?.firstFrame
    }
}
