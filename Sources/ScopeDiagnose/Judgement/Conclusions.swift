import ScopeModel
import ScopeWire

/// What was found of each two peers, once they are judged: a row each, and the findings to be told.
///
/// Bounded: of one kind of finding so many are told one by one; the others become one, with how many there are.
struct Conclusions {
    private struct Row {
        var overview: PeerOverview
        var told: [Finding]
        /// In the order in which the pairs were seen first.
        var number: Int
        /// The last IKE SA of the two.
        var lastSA: IKESAIdentity?
    }

    private struct Kind: Hashable {
        var id: FindingID
        var severity: Finding.Severity
    }

    private var rows: [Row] = []
    private var places: [Ends: Int] = [:]
    private var told: [Kind: Int] = [:]
    /// Of very many peers most is the same: it becomes one at once, by how bad the peers are off.
    private var shared = [Crowd.Merged](repeating: Crowd.Merged(), count: Finding.Severity.allCases.count + 1)
    private var rest = Crowd.Merged()
    /// Pairs without a row of their own.
    private(set) var withoutRow = 0

    private static let mostRows = 65_536
    /// Findings with one id and one severity that are told one by one, in all.
    private static let mostTold = 256

    /// Whether a pair was judged before the end, and has a row.
    func contains(_ ends: Ends) -> Bool { places[ends] != nil }

    /// The last IKE SA of a pair that was judged before the end.
    func lastSA(of ends: Ends) -> IKESAIdentity? { places[ends].flatMap { rows[$0].lastSA } }

    /// Takes in a pair that is through.
    ///
    /// `sa` is its last IKE SA, and whether one that was judged before goes on in it.
    mutating func add(
        _ overview: PeerOverview, _ findings: [Finding], of ends: Ends, number: Int,
        sa: (last: IKESAIdentity?, goesOn: Bool), isCrowd: Bool
    ) {
        var own: [Finding] = []
        var leftOut: Set<FindingID> = []
        for finding in findings {
            if Crowd.isShared(finding, isCrowd: isCrowd) {
                shared[overview.severity.map { Int($0.rawValue) + 1 } ?? 0].add(finding)
                continue
            }
            // A cause goes where what it explains goes.
            if let explained = finding.explains, leftOut.contains(explained) { continue }
            let kind = Kind(id: finding.id, severity: finding.severity)
            if told[kind, default: 0] < Self.mostTold {
                told[kind, default: 0] += 1
                own.append(finding)
            } else {
                leftOut.insert(finding.id)
                rest.add(finding)
            }
        }
        if let place = places[ends] {
            rows[place].overview.add(overview, goesOn: sa.goesOn)
            rows[place].told += own
            rows[place].lastSA = sa.last ?? rows[place].lastSA
        } else if rows.count < Self.mostRows {
            places[ends] = rows.count
            rows.append(Row(overview: overview, told: own, number: number, lastSA: sa.last))
        } else {
            withoutRow += 1
            for finding in own { rest.add(finding) }
        }
    }

    /// Counts packets of a pair that is through.
    mutating func count(_ packets: Int, from source: IPAddress, of ends: Ends) {
        guard let place = places[ends] else { return }
        if rows[place].overview.initiator == source {
            rows[place].overview.sent += packets
        } else {
            rows[place].overview.received += packets
        }
    }

    /// Everything: the pairs with the worst findings first.
    func all(_ more: [Finding]) -> (overview: [PeerOverview], findings: [Finding], merged: [Finding]) {
        let rows = rows.sorted { a, b in
            let (x, y) = (a.overview.severity?.rawValue ?? 0, b.overview.severity?.rawValue ?? 0)
            return x != y ? x > y : a.number < b.number
        }
        var merged = Crowd.Merged()
        for group in shared.reversed() { merged.add(group) }
        for finding in more { merged.add(finding) }
        let rest = rest.findings.map { finding in
            var finding = finding
            finding.evidence.append(
                "\(Words.count(finding.count, "finding")) about more peers, which are not listed one by one")
            return finding
        }
        return (rows.map(\.overview), rows.flatMap(\.told) + rest, merged.findings)
    }
}

extension PeerOverview {
    /// Takes in what was found of the same two peers later; an IKE SA that goes on counts once.
    fileprivate mutating func add(_ later: PeerOverview, goesOn: Bool) {
        let isSame = later.initiator == initiator
        attempts += later.attempts - (goesOn ? 1 : 0)
        ikeSAs = max(ikeSAs - (goesOn ? 1 : 0), 0) + later.ikeSAs
        ipsecSAs += later.ipsecSAs
        sent += isSame ? later.sent : later.received
        received += isSame ? later.received : later.sent
        if later.attempts > 0 { reached = later.reached }
        if later.severity?.rawValue ?? 0 > severity?.rawValue ?? 0 || severity == nil {
            (verdict, severity) = (later.verdict, later.severity ?? severity)
        }
    }
}
