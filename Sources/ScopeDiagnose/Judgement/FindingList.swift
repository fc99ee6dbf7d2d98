import ScopeDissect
import ScopeModel
import ScopeWire

/// The findings of two peers: the same one of several attempts is told once, and counted.
///
/// Of one kind so many are listed as anybody reads; the others are counted with the last of them.
struct FindingList {
    private struct Kind: Hashable {
        var id: FindingID
        var severity: Finding.Severity
    }

    private struct Key: Hashable {
        var kind: Kind
        var summary: String
    }

    private(set) var findings: [Finding] = []
    private var places: [Key: Int] = [:]
    private var counts: [Kind: (listed: Int, last: Int, leftOut: Int)] = [:]
    /// What it holds in memory, in bytes.
    private(set) var heldBytes = 0

    /// Findings with one id and one severity that are listed.
    static let most = 32

    mutating func add(_ new: [Finding]) { for finding in new { add(finding) } }

    private mutating func add(_ finding: Finding) {
        let kind = Kind(id: finding.id, severity: finding.severity)
        let key = Key(kind: kind, summary: finding.summary)
        if let known = places[key] {
            findings[known].count += 1
            findings[known].certainty = max(findings[known].certainty, finding.certainty)
            if findings[known].frames.count < 32 { findings[known].frames += finding.frames.prefix(8) }
            return
        }
        var count = counts[kind] ?? (0, 0, 0)
        if count.listed >= Self.most {
            count.leftOut += 1
        } else {
            count = (count.listed + 1, findings.count, 0)
            places[key] = findings.count
            findings.append(finding)
            heldBytes += finding.heldBytes + 160
        }
        counts[kind] = count
    }

    /// Says with the last one of a kind how many more there are.
    mutating func tellLeftOut() {
        for (_, count) in counts where count.leftOut > 0 {
            findings[count.last].evidence.append("and \(count.leftOut) more of this kind, not listed one by one")
        }
        counts = [:]
    }

    /// What rests on an absence is weighed by how whole the capture is.
    mutating func weigh(_ pair: PairCase, losses: UInt64) {
        for index in findings.indices { findings[index] = Absence.weigh(findings[index], pair, losses: losses) }
    }

    /// Without a clock, what rests on time is not said, and what it only supports is said less surely.
    mutating func leaveOutTimes() {
        findings = findings.compactMap(Timeless.weigh)
        places = [:]
    }

    /// What a later attempt of the same peers made good is a warning.
    mutating func settle(_ pair: PairCase) {
        let up = pair.attempts.last { $0.isUp }
        // What stops before phase 1 stands is made good by one that stands.
        let success = up ?? pair.attempts.last { $0.isAuthenticated }
        guard let success else { return }
        for index in findings.indices
        where findings[index].severity == .error
            && (findings[index].layer <= (up == nil ? .phase1 : .phase2)
                || up != nil && findings[index].id == .dpdTimeout)
        {
            guard let last = findings[index].frames.max(), let made = success.upFrame ?? success.proofFrame, last < made
            else { continue }
            // Behind one address another peer may have come through; whose identity was refused may have another one now.
            let own = pair.attempts.first { $0.sa.id == findings[index].ikeSA }
            if let own, findings[index].layer != .authentication, own.isOfAnother(than: success) { continue }
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
    /// A child came about, as far as the capture tells.
    ///
    /// Of IKEv1 that takes the third message of Quick Mode, or traffic of both sides behind the second one.
    var isUp: Bool {
        guard !isTurnedDown else { return false }
        if sa.version == .v2 { return !pairs.isEmpty || childFrame != nil }
        if quickModes.contains(where: { $0.position >= 3 }) { return true }
        return hasTraffic && (!pairs.isEmpty || sa.isEstablished)
    }

    /// The frame with which phase 1 came about.
    var proofFrame: Int? { (first(.mainMode(6)) ?? first(.aggressive(3)))?.firstFrame }

    /// Its initiator says that it is another one, where both can be read.
    func isOfAnother(than other: Attempt) -> Bool {
        guard initiator == other.initiator, let mine = identity(of: .initiator),
            let theirs = other.identity(of: .initiator)
        else { return false }
        return mine != theirs
    }

    /// The frame with which the last child came about.
    var upFrame: Int? {
        messages.last { if case .v1(.quickMode(3...)) = $0.step { true } else { false } }?.firstFrame
            ?? messages.last { $0.step == .v1(.quickMode(2)) }?.firstFrame
            ?? pairs.last?.frame ?? childFrame
    }
}
