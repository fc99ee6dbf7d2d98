import IKEScope
import ScopeFormatters
import ScopeModel
import ScopeWire

/// Everything that the program can write of a capture, from one stream of events, each output held to its promises.
final class Outputs {
    private enum Form { case text, json, capture }

    private final class Desk {
        let name: String
        let form: Form
        let sink: ByteSink
        var formatter: (any EventFormatter)?
        var length = 0
        var digest = Hasher()

        init(_ name: String, _ form: Form, _ formatter: (any EventFormatter)?, _ sink: ByteSink) {
            (self.name, self.form, self.formatter, self.sink) = (name, form, formatter, sink)
        }
    }

    private(set) var events = 0
    private var desks: [Desk] = []
    private var hasBegun = false
    private var violation: Violation?
    private let comparison: TapComparison?

    private static let drained = 1 << 16

    init(_ variation: Variation) {
        comparison = variation.look & 2 == 0 ? nil : TapComparison(names: ("a", "b"))
        let knowledge = variation.configs.isEmpty ? nil : ConfiguredDevices(variation.configs)
        add("debug of both", .text, IOSDebugFormatter(variation.debug(.both), knowledge: knowledge))
        add("debug of one", .text, IOSDebugFormatter(variation.debug(variation.view), knowledge: knowledge))
        add("debug in JSON", .json, EventJSONFormatter(showSecrets: variation.isDetailed))
        add("packets", .text, PacketLineFormatter(variation.packets))
        add("packets in JSON", .json, PacketJSONFormatter(variation.packets))
        for content in ShowFormatter.Content.allCases {
            let formatter = Supplied(ShowFormatter(content, variation.show, isJSON: variation.hasJSON))
            add("show \(content.rawValue)", variation.hasJSON ? .json : .text, formatter)
        }
        add("decrypt", .capture, DecryptedCaptureWriter(variation.decrypt))
        let json = ByteSink(capacity: 1 << 10)
        let diagnosis = Diagnosis(
            comparison: comparison, limits: .small, configs: variation.configs)
        add("diagnose", .text, Supplied(BothForms(json: json), diagnosis: diagnosis))
        desks.append(Desk("diagnose in JSON", .json, nil, json))
    }

    private func add(_ name: String, _ form: Form, _ formatter: any EventFormatter) {
        desks.append(Desk(name, form, formatter, ByteSink(capacity: 1 << 10)))
    }

    // MARK: Writing

    func start(at time: Instant) {
        guard !hasBegun else { return }
        hasBegun = true
        for desk in desks { desk.formatter?.start(at: time) }
    }

    func pass(to time: Instant) {
        for desk in desks { desk.formatter?.pass(to: time, sink: desk.sink) }
    }

    func write(_ event: Event, _ bytes: RawSpan, _ plaintext: RawSpan) {
        events += 1
        if events & 3 != 0 { comparison?.takeOther(event) }
        for desk in desks {
            desk.formatter?.write(event, frame: bytes, plaintext: plaintext, to: desk.sink)
            if desk.sink.count > Self.drained, desk.form != .capture { drain(desk) }
        }
    }

    /// Ends all outputs; gives what they hold, in short, by their names.
    func finish() throws -> [String: Int] {
        for desk in desks { desk.formatter?.finish(to: desk.sink) }
        for desk in desks { drain(desk) }
        if let violation { throw violation }
        return Dictionary(uniqueKeysWithValues: desks.map { ($0.name, $0.digest.finalize()) })
    }

    /// No output grows without bounds by what little a frame says.
    func checkLength(frames: Int, bytes: Int) throws(Violation) {
        for desk in desks {
            let most = 512 * bytes + (frames + 1) << 16
            try require(desk.length <= most, "\(desk.name): \(desk.length) bytes of \(frames) frames")
        }
    }

    private func drain(_ desk: Desk) {
        do {
            try desk.sink.withBytes { (bytes) throws -> Void in
                switch desk.form {
                case .text: try PlainText.check(bytes)
                case .json:
                    try JSONText.checkLines(bytes)
                    try PlainText.check(bytes)
                case .capture: try Self.check(desk.formatter, Array(bytes))
                }
                desk.digest.combine(bytes: bytes)
                desk.length += bytes.count
            }
        } catch {
            if violation == nil { violation = Violation(description: "\(desk.name): \(error)") }
        }
        desk.sink.clear()
    }

    /// As many packets as it says that it wrote.
    private static func check(_ writer: (any EventFormatter)?, _ file: [UInt8]) throws {
        guard let summary = (writer as? DecryptedCaptureWriter)?.summary else { return }
        let packets = try WrittenCapture.check(file)
        let said = summary.written + summary.ikeWritten
        try require(packets == said, "\(packets) packets, and \(said) are said to be written")
    }
}

/// The findings in both forms; JSON goes into a sink of its own.
private struct BothForms: EventFormatter {
    let json: ByteSink
    private var text = DiagnosisFormatter()
    private var lines = FindingJSONFormatter()

    init(json: ByteSink) { self.json = json }

    static var needs: Needs { .report }

    mutating func connect(report: @escaping () -> Report) {
        text.connect(report: report)
        lines.connect(report: report)
    }

    mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}

    mutating func finish(to sink: ByteSink) {
        text.finish(to: sink)
        lines.finish(to: json)
    }
}
