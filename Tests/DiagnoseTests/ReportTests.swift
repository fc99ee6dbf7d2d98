import AnalysisSupport
import IKEScope
import ScopeCapture
import ScopeCrypto
import ScopeModel
import ScopeWire
import Testing

@Suite("A report can be asked for at any moment")
struct ReportTests {
    /// Plays a capture into a diagnosis; `ask` is called after each item.
    private func report(_ name: String, hasKeys: Bool, ask: (Diagnosis) -> Void = { _ in }) throws -> Report {
        let base = ShippedTests.base(name)
        let diagnosis = Diagnosis()
        let keys = hasKeys ? [try KeyFile.load(base + ".keys.json")] : []
        let analyzer = Analyzer(keys: keys, watchesClear: true) { event, _, _ in diagnosis.take(event) }
        let source = try Captures.open(paths: [base + ".pcap"])
        while let item = try source.next() {
            source.withBytes { analyzer.follow(item, $0, comment: source.comment) }
            ask(diagnosis)
        }
        analyzer.finish()
        ask(diagnosis)
        diagnosis.finish()
        return diagnosis.report()
    }

    /// All that there is in it.
    private func text(_ report: Report) -> String {
        report.peers.map { "\($0)" }.joined(separator: "\n") + report.findings.map { "\($0)" }.joined(separator: "\n")
    }

    @Test(
        "and changes nothing of the last one",
        arguments: [
            "main-mode/raw-esp", "main-mode/both-initiate", "failures/phase1-hash", "failures/rekey-refused",
            "failures/peer-restart", "failures/dpd-filtered", "failures/no-return-traffic", "rekey/rekey-storm",
            "nat/both-sides-any", "remote-access/xauth-mode-config", "certificates/expired",
        ], [true, false])
    func unchanged(name: String, hasKeys: Bool) throws {
        var asked = 0
        let alone = try report(name, hasKeys: hasKeys)
        let often = try report(name, hasKeys: hasKeys) { diagnosis in
            asked += 1
            let (first, second) = (diagnosis.report(), diagnosis.report())
            #expect(text(first) == text(second))
        }
        #expect(asked > 4)
        #expect(text(often) == text(alone))
    }

    @Test("and what it says at the last event is what the last one says")
    func atTheEnd() throws {
        var last = Report()
        let final = try report("failures/different-psk", hasKeys: true) { last = $0.report() }
        #expect(text(last) == text(final) && final.worst == .error)
    }

    @Test("a negotiation that fails is told of while the capture goes on, and a tunnel with traffic is not idle")
    func early() throws {
        var firsts: [Finding.Severity?] = []
        _ = try report("failures/phase1-hash", hasKeys: false) { firsts.append($0.report().worst) }
        #expect(firsts.first == .some(nil) && firsts.dropLast().contains(.error))
        _ = try report("nat/outside", hasKeys: true) { diagnosis in
            #expect(!diagnosis.report().findings.contains { $0.id == .espIdleAfterUp })
        }
    }

    // MARK: What a formatter is handed

    /// How many events there were.
    private struct Count: RunState {
        var events = 0
        mutating func take(_ event: Event) { events += 1 }
    }

    private struct Probe<Asked: Asking>: EventFormatter {
        var written = 0
        var bytes = 0
        var lags: Set<Int> = []
        var atEnd = 0
        var found = 0
        private var state: (() -> Count)?
        private var report: (() -> Report)?

        static var needs: Needs { Asked.needs }

        mutating func connect(state: @escaping () -> Count) { self.state = state }
        mutating func connect(report: @escaping () -> Report) { self.report = report }

        mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
            if let state { lags.insert(state().events - written) }
            written += 1
            bytes += frame.byteCount + plaintext.byteCount
        }

        mutating func finish(to sink: ByteSink) {
            atEnd = state?().events ?? 0
            found = report?().findings.count ?? 0
        }
    }

    private protocol Asking { static var needs: Needs { get } }
    private enum Nothing: Asking { static var needs: Needs { [] } }
    private enum Bytes: Asking { static var needs: Needs { .bytes } }
    private enum Products: Asking { static var needs: Needs { [.state, .report] } }

    private func probe<Asked>(_ type: Asked.Type) throws -> Probe<Asked> {
        let base = ShippedTests.base("main-mode/raw-esp")
        var supplied = Supplied(Probe<Asked>())
        let analyzer = Analyzer(keys: [try KeyFile.load(base + ".keys.json")]) { event, frame, plaintext in
            supplied.write(event, frame: frame, plaintext: plaintext, to: ByteSink(capacity: 64))
        }
        try analyzer.run(try Captures.open(paths: [base + ".pcap"]))
        supplied.finish(to: ByteSink(capacity: 64))
        return supplied.formatter
    }

    @Test("a formatter is handed what it declares, and nothing else")
    func needs() throws {
        let nothing = try probe(Nothing.self)
        #expect(nothing.written > 10 && nothing.bytes == 0 && nothing.atEnd == 0 && nothing.found == 0)
        let bytes = try probe(Bytes.self)
        #expect(bytes.bytes > 1000 && bytes.atEnd == 0 && bytes.found == 0)
        // The state is that before the event which is written.
        let products = try probe(Products.self)
        #expect(products.bytes == 0 && products.atEnd == products.written && products.lags == [0])
        #expect(products.found > 0)
    }
}
