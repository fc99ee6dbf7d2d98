import ScopeModel
import ScopeWire

/// `diagnose --format json`: `ikescope.finding/1`, one object a line.
public struct FindingJSONFormatter: EventFormatter {
    private var report: () -> Report = { Report() }

    public init() {}

    public static var needs: Needs { .report }

    public mutating func connect(report: @escaping () -> Report) { self.report = report }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}

    public mutating func finish(to sink: ByteSink) {
        for finding in report().findings {
            var json = JSONWriter(sink)
            json.object { json in
                json.word("schema", "ikescope.finding/1")
                json.string("id", finding.id.text)
                json.string("severity", "\(finding.severity)")
                json.string("certainty", "\(finding.certainty)")
                json.list("peers") { list in for peer in finding.peers { list.element("\(peer)") } }
                json.list("frames") { list in for frame in finding.frames { list.element(frame) } }
                json.number("count", finding.count)
                json.string("summary", finding.summary)
                json.list("evidence") { list in for line in finding.evidence { list.element(line) } }
                json.list("advice") { list in for advice in finding.advice { list.element(Self.text(advice)) } }
                json.list("look_alikes") { list in for line in finding.lookAlikes { list.element(line) } }
                if let parent = finding.explains { json.string("explains", parent.text) }
                if let table = finding.proposals { Self.write(table, &json) }
            }
            sink.newline()
        }
    }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        CaptureJSON.write(statistics, to: sink)
    }

    // MARK: Proposals

    private static func write(_ table: ProposalTable, _ json: inout JSONWriter) {
        json.object("proposals") { json in
            json.number("phase", table.phase)
            json.string("by", "\(table.proposer)")
            json.string("to", "\(table.other)")
            json.list("attributes") { list in
                for column in table.columns {
                    list.object { json in
                        json.string("name", column.name)
                        json.bool("compared", column.isCompared)
                        json.bool("differs", column.differs)
                    }
                }
            }
            write(table.offered, table, "offered", &json)
            write(table.known, table, "known", &json)
            json.number("offered_left_out", table.leftOut.offered)
            json.number("known_left_out", table.leftOut.known)
        }
    }

    private static func write(
        _ rows: [ProposalTable.Row], _ table: ProposalTable, _ name: StaticString, _ json: inout JSONWriter
    ) {
        json.list(name) { list in
            for row in rows {
                list.object { json in
                    json.string("label", row.label)
                    json.string("source", word(row.source))
                    if let frame = row.frame { json.number("frame", frame) }
                    json.list("values") { list in
                        for (cell, column) in zip(row.cells, table.columns) {
                            list.object { json in
                                json.string("attribute", column.name)
                                if let value = cell.value { json.string("value", value) } else { json.null("value") }
                                json.bool("unmatched", cell.isUnmatched)
                            }
                        }
                    }
                }
            }
        }
    }

    private static func word(_ source: ProposalTable.Source) -> String {
        switch source {
        case .offer: "offer"
        case .ownOffer: "own offer"
        case .choice: "choice"
        case .configuration: "configuration"
        }
    }

    private static func text(_ advice: Finding.Advice) -> String {
        let who = advice.peer.map { "on \($0): " } ?? ""
        return who + advice.text + (advice.ios.isEmpty ? "" : ": " + advice.ios.joined(separator: "; "))
    }
}
