/// What was found, as far as events were seen: the peers, the worst off first, and the findings in the same order.
///
/// One of the three products of a run, beside the events and the state. It is a value: whoever diagnoses can be asked for
/// one at any moment, and goes on as if it had not been asked.
public struct Report: Sendable {
    public var peers: [PeerOverview]
    public var findings: [Finding]

    public init(peers: [PeerOverview] = [], findings: [Finding] = []) {
        self.peers = peers
        self.findings = findings
    }

    /// The severity of the worst finding; nil where nothing was found.
    public var worst: Finding.Severity? { findings.map(\.severity).max() }
}
