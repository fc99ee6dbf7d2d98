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
    private func report(
        _ name: String, hasKeys: Bool, isConnected: Bool = true, ask: (Diagnosis) -> Void = { _ in }
    ) throws -> Report {
        let base = ShippedTests.base(name)
        let diagnosis = Diagnosis()
        let keys = hasKeys ? [try KeyFile.load(base + ".keys.json")] : []
        let analyzer = Analyzer(keys: keys, watchesClear: true) { event, _, _ in diagnosis.take(event) }
        if isConnected { diagnosis.connect(standing: { [weak analyzer] in analyzer?.standing($0) }) }
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

    /// The captures' pages say what is wrong with them: traffic one way, packets lost, a peer that forgot its SAs.
    @Test(
        "what the accounts of SAs show is told while the capture goes on, and not without them",
        arguments: [
            ("failures/no-return-traffic", FindingID.oneWayInner), ("esp/loss-and-order", .espLoss),
            ("failures/peer-restart", .peerReboot),
        ])
    func accounts(name: String, id: FindingID) throws {
        var (connected, alone) = ([Bool](), [Bool]())
        let end = try report(name, hasKeys: true) { connected.append($0.report().findings.contains { $0.id == id }) }
        _ = try report(name, hasKeys: true, isConnected: false) {
            alone.append($0.report().findings.contains { $0.id == id })
        }
        #expect(end.findings.contains { $0.id == id })
        // The last one but one is asked before the events of the end.
        #expect(connected.dropLast().last == true && connected.first == false)
        #expect(!alone.dropLast().contains(true))
    }

    @Test(
        "asked behind the last frame, it says what it says at the end",
        arguments: ["main-mode/raw-esp", "failures/no-return-traffic", "nat/outside", "esp/oddities", "ah/around-esp"])
    func behindTheLastFrame(name: String) throws {
        var reports: [String] = []
        let end = try report(name, hasKeys: true) { reports.append(text($0.report())) }
        #expect(reports.dropLast().last == text(end) && Set(reports).count > 2)
    }

    @Test("how SAs stand is told of those that the conditions let through, and only before the end")
    func standing() throws {
        let base = ShippedTests.base("main-mode/raw-esp")
        func spis(_ conditions: [Condition]) throws -> (middle: Set<UInt32>, end: Set<UInt32>) {
            var (middle, end): (Set<UInt32>, Set<UInt32>) = ([], [])
            func note(_ event: Event, _ set: inout Set<UInt32>) {
                if case .ipsecAccount(let account) = event.kind { set.insert(account.spi) }
            }
            let analyzer = Analyzer(
                keys: [try KeyFile.load(base + ".keys.json")], conditions: Conditions(conditions)
            ) { event, _, _ in note(event, &end) }
            let source = try Captures.open(paths: [base + ".pcap"])
            while let item = try source.next() { source.withBytes { analyzer.follow(item, $0) } }
            analyzer.standing { note($0, &middle) }
            analyzer.finish()
            analyzer.standing { _ in Issue.record("told behind the end") }
            return (middle, end)
        }
        let all = try spis([])
        #expect(all.middle.count == 2 && all.middle == all.end)
        let one = try #require(all.end.first)
        let some = try spis([.spi(one)])
        #expect(!some.end.isEmpty && some.middle == some.end)
        let none = try spis([try Condition(peer: "192.0.2.99")])
        #expect(none.middle.isEmpty && none.end.isEmpty)
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
