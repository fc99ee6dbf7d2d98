import ScopeModel
import ScopeWire

/// `diagnose --format json`: `ikescope.finding/1`, one object a line.
public struct FindingJSONFormatter: FindingFormatter {
    public init() {}

    public mutating func write(_ peers: [PeerOverview], _ findings: [Finding], to sink: ByteSink) {
        for finding in findings {
            var json = JSONWriter(sink)
            json.object { json in
                json.word("schema", "ikescope.finding/1")
                json.string("id", finding.id)
                json.string("severity", "\(finding.severity)")
                json.string("certainty", "\(finding.certainty)")
                json.list("peers") { list in for peer in finding.peers { list.element("\(peer)") } }
                json.list("frames") { list in for frame in finding.frames { list.element(frame) } }
                json.number("count", finding.count)
                json.string("summary", finding.summary)
                json.list("evidence") { list in for line in finding.evidence { list.element(line) } }
                json.list("advice") { list in for advice in finding.advice { list.element(Self.text(advice)) } }
                json.list("look_alikes") { list in for line in finding.lookAlikes { list.element(line) } }
            }
            sink.newline()
        }
    }

    private static func text(_ advice: Finding.Advice) -> String {
        let who = advice.peer.map { "on \($0): " } ?? ""
        return who + advice.text + (advice.ios.isEmpty ? "" : ": " + advice.ios.joined(separator: "; "))
    }
}
