import ScopeModel
import ScopeWire

/// `diagnose`: a row for each two peers, the worst off first; then each finding with what shows it and what to do.
public struct DiagnosisFormatter: EventFormatter {
    private let hasColor: Bool
    private var report: () -> Report = { Report() }
    private var places: FramePlaces?
    /// Rows of healthy peers that are shown; of more, the rest is counted.
    private static let mostHealthy = 20

    public init(color: Bool = false) { hasColor = color }

    public static var needs: Needs { .report }

    public mutating func connect(report: @escaping () -> Report) { self.report = report }

    public mutating func connect(places: @escaping FramePlaces) { self.places = places }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}

    public mutating func finish(to sink: ByteSink) {
        let report = report()
        write(report.peers, report.findings, to: sink)
    }

    private func write(_ peers: [PeerOverview], _ findings: [Finding], to sink: ByteSink) {
        guard !peers.isEmpty || !findings.isEmpty else {
            sink.literal("no IKE, ESP or AH in this capture\n")
            return
        }
        overview(peers, sink)
        for finding in findings { write(finding, sink) }
        let counts = Finding.Severity.allCases.reversed().map { severity in
            Wording.count(findings.count { $0.severity == severity && $0.explains == nil }, "\(severity)")
        }
        sink.text("\n\(counts.joined(separator: ", "))\n")
    }

    // MARK: Peers

    private func overview(_ peers: [PeerOverview], _ sink: ByteSink) {
        let ill = peers.filter { ($0.severity ?? .note) >= .warning }
        let healthy = peers.filter { ($0.severity ?? .note) < .warning }
        let shown = ill + healthy.prefix(Self.mostHealthy)
        let rows = [["PEERS", "", "TRIES", "REACHED", "UP", "OUT/IN", "VERDICT"]] + shown.map(row)
        let widths = (0..<6).map { column in rows.map { $0[column].utf8.count }.max() ?? 0 }
        for (index, row) in rows.enumerated() {
            let cells = row.dropLast().enumerated().map { Wording.padded($0.element, widths[$0.offset]) }
            if index > 0 { style(shown[index - 1].severity, sink) }
            sink.text(cells.joined(separator: "  ") + "  ")
            Part.foreign(row[6]).write(to: sink)
            if index > 0 { plain(sink) }
            sink.newline()
        }
        if healthy.count > Self.mostHealthy {
            sink.text("and \(healthy.count - Self.mostHealthy) more with nothing wrong\n")
        }
    }

    private func row(_ peer: PeerOverview) -> [String] {
        let up = peer.ikeSAs + peer.ipsecSAs == 0 ? "-" : "\(peer.ikeSAs) IKE \(peer.ipsecSAs) IPsec"
        let mark = peer.severity.map { $0 == .note ? "" : "\($0): " } ?? ""
        return [
            name(peer.initiator, peer.place), name(peer.responder, peer.place), "\(peer.attempts)", peer.reached, up,
            "\(peer.sent)/\(peer.received)", mark + peer.verdict,
        ]
    }

    /// With its port, where several peers share the address.
    private func name(_ address: IPAddress, _ place: Endpoint?) -> String {
        place?.address == address ? place?.description ?? "" : "\(address)"
    }

    // MARK: Findings

    private func write(_ finding: Finding, _ sink: ByteSink) {
        // A cause stands under what it explains.
        let margin = finding.explains == nil ? "" : "  "
        if finding.explains == nil { sink.newline() }
        style(finding.explains == nil ? finding.severity : nil, sink)
        sink.text(margin + (finding.explains == nil ? "\(finding.severity): " : "cause: "))
        Part.foreign(finding.summary).write(to: sink)
        plain(sink)
        sink.newline()
        sink.text("\(margin)  \(finding.id.text), \(finding.certainty)")
        if finding.count > 1 { sink.text(", \(finding.count) times") }
        if !finding.frames.isEmpty {
            sink.literal(", ")
            Wording.frames(Array(finding.frames.prefix(12)), to: sink)
        }
        if finding.frames.count > 12 { sink.literal(" …") }
        sink.newline()
        if let places, let line = FileFrames.text(finding.frames.prefix(12), places) {
            item(margin, "files", line, sink)
        }
        for line in finding.evidence { item(margin, "seen", line, sink) }
        for line in finding.proposals.map({ ProposalLines($0).lines }) ?? [] {
            sink.text(margin + "    ")
            Part.foreign(line).write(to: sink)
            sink.newline()
        }
        for advice in finding.advice {
            item(margin, advice.peer.map { "on \($0)" } ?? "to do", advice.text, sink)
            for line in advice.ios {
                sink.text(margin + "        ")
                Part.foreign(line).write(to: sink)
                sink.newline()
            }
        }
        if !finding.lookAlikes.isEmpty {
            item(margin, "may also be", finding.lookAlikes.joined(separator: "; "), sink)
        }
    }

    private func item(_ margin: String, _ name: String, _ text: String, _ sink: ByteSink) {
        sink.text("\(margin)  \(name): ")
        Part.foreign(text).write(to: sink)
        sink.newline()
    }

    private func style(_ severity: Finding.Severity?, _ sink: ByteSink) {
        guard hasColor else { return }
        switch severity {
        case .error: sink.literal("\u{1b}[31m")
        case .warning: sink.literal("\u{1b}[33m")
        case .note: sink.literal("\u{1b}[2m")
        case nil: break
        }
    }

    private func plain(_ sink: ByteSink) { if hasColor { sink.literal("\u{1b}[0m") } }
}
