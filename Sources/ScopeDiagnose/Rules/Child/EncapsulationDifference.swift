import ScopeDissect
import ScopeModel
import ScopeWire

/// Tunnel against transport, or ESP in UDP against ESP alone: a cause under the refusal of phase 2.
struct EncapsulationDifference: Rule {
    func findings(_ finding: Finding) -> [Finding] {
        guard finding.id == .p2TransformMismatch, let table = finding.proposals, table.isCompared,
            let nearest = table.nearest,
            let index = nearest.columns.first(where: { table.columns[$0].kind == .suite(.encapsulation) })
        else { return [] }
        let (mine, theirs) = (nearest.offered.cells[index].value, nearest.known.cells[index].value)
        guard let mine, let theirs, case .encapsulation(let mode) = theirs else { return [] }
        let isOnly = nearest.columns.count == 1
        let isOwn = nearest.known.source == .configuration || nearest.known.source == .ownOffer
        var made = Finding(
            .encapModeMismatch,
            !isOnly
                ? .possible : nearest.known.source == .configuration ? finding.certainty : isOwn ? .likely : .possible,
            peers: finding.peers, ikeSA: finding.ikeSA,
            frames: Array(Set([nearest.offered.frame, nearest.known.frame].compactMap { $0 } + finding.frames))
                .sorted(),
            summary: "the mode differs: \(table.proposer) offers \(mine.text), \(table.other) has \(theirs.text)",
            evidence: [
                isOnly ? "all other attributes agree" : "other attributes of the nearest two differ as well",
                nearest.known.source == .configuration
                    ? "the transform set is the one of its configuration"
                    : "the packets show the difference; it is the cause if this side accepts no more than it offers",
            ],
            advice: [
                Finding.Advice(
                    "set the same mode on both sides; GRE and L2TP between the peers use transport mode",
                    on: table.proposer,
                    ios: [
                        "crypto ipsec transform-set SET …",
                        " mode \(mode.isTransport ? "transport" : "tunnel")",
                    ])
            ],
            lookAlikes: ["another attribute of the transform set (\(FindingID.p2TransformMismatch.text))"])
        made.explains = finding.id
        return [made]
    }
}
