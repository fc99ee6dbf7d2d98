import ScopeModel
import ScopeWire

/// `diagnose --format json`: `ikescope.finding/1`, one object a line.
public struct FindingJSONFormatter: EventFormatter {
    private var report: () -> Report = { Report() }
    private var places: FramePlaces?

    public init() {}

    public static var needs: Needs { .report }

    public mutating func connect(report: @escaping () -> Report) { self.report = report }

    public mutating func connect(places: @escaping FramePlaces) { self.places = places }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}

    public mutating func finish(to sink: ByteSink) {
        for finding in report().findings {
            var json = JSONWriter(sink)
            json.writeObject { json in
                json.writeWord("schema", "ikescope.finding/1")
                json.writeString("id", finding.id.text)
                json.writeString("severity", "\(finding.severity)")
                json.writeString("certainty", "\(finding.certainty)")
                json.writeList("peers") { list in for peer in finding.peers { list.writeElement("\(peer)") } }
                json.writeList("frames") { list in for frame in finding.frames { list.writeElement(frame) } }
                if let places { Self.write(finding.frames, places, &json) }
                json.writeNumber("count", finding.count)
                json.writeString("summary", finding.summary)
                json.writeList("evidence") { list in for line in finding.evidence { list.writeElement(line) } }
                json.writeList("advice") { list in for advice in finding.advice { list.writeElement(Self.text(advice)) }
                }
                json.writeList("look_alikes") { list in for line in finding.lookAlikes { list.writeElement(line) } }
                if let parent = finding.explains { json.writeString("explains", parent.text) }
                if let table = finding.proposals { Self.write(table, &json) }
            }
            sink.newline()
        }
    }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        CaptureJSON.write(statistics, to: sink)
    }

    private static func write(_ frames: [Int], _ places: FramePlaces, _ json: inout JSONWriter) {
        json.writeList("places") { list in
            for place in frames.compactMap(places) {
                list.writeObject { json in
                    json.writeString("file", place.file)
                    json.writeNumber("frame", place.number)
                }
            }
        }
    }

    // MARK: Proposals

    private static func write(_ table: ProposalTable, _ json: inout JSONWriter) {
        json.writeObject("proposals") { json in
            json.writeNumber("phase", table.phase)
            json.writeString("by", "\(table.proposer)")
            json.writeString("to", "\(table.other)")
            json.writeList("attributes") { list in
                for (index, column) in table.columns.enumerated() {
                    list.writeObject { json in
                        json.writeString("name", table.name(ofColumn: index))
                        json.writeBool("compared", column.isCompared)
                        json.writeBool("differs", column.differs)
                    }
                }
            }
            write(table.offered, table, "offered", &json)
            write(table.known, table, "known", &json)
            json.writeNumber("offered_left_out", table.leftOut.offered)
            json.writeNumber("known_left_out", table.leftOut.known)
        }
    }

    private static func write(
        _ rows: [ProposalTable.Row], _ table: ProposalTable, _ name: StaticString, _ json: inout JSONWriter
    ) {
        json.writeList(name) { list in
            for row in rows {
                list.writeObject { json in
                    json.writeString("label", row.label)
                    json.writeString("source", word(row.source))
                    if let frame = row.frame { json.writeNumber("frame", frame) }
                    json.writeList("values") { list in
                        for (index, cell) in row.cells.enumerated() {
                            list.writeObject { json in
                                json.writeString("attribute", table.name(ofColumn: index))
                                if let value = cell.value {
                                    json.writeString("value", value.text)
                                } else {
                                    json.writeNull("value")
                                }
                                json.writeBool("unmatched", cell.isUnmatched)
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
