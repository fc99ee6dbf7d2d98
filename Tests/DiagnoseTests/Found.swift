import AnalysisSupport
import IKEScope
import ScopeCapture
import ScopeConfig
import ScopeCrypto
import ScopeModel
import ScopeWire

/// What `diagnose` finds in a capture.
struct Found {
    private let report: Report
    var peers: [PeerOverview] { report.peers }
    var findings: [Finding] { report.findings }

    private final class Box {
        var report = Report()
    }

    /// A formatter that keeps the report instead of printing it.
    private struct Collector: EventFormatter {
        let box: Box
        private var report: () -> Report = { Report() }

        init(_ box: Box) { self.box = box }

        static var needs: Needs { .report }
        mutating func connect(report: @escaping () -> Report) { self.report = report }
        mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}
        mutating func finish(to sink: ByteSink) { box.report = report() }
    }

    init(
        _ path: String, keys: [KeyFile] = [], configs: [IOSConfig] = [], candidates: CandidateSearch? = nil
    ) throws {
        let box = Box()
        _ = try Analysis.of(
            path, keys: keys, candidates: candidates,
            formatter: Supplied(
                Collector(box), diagnosis: Diagnosis(configs: configs)))
        report = box.report
    }

    /// Of frames that a test made.
    ///
    /// - Parameter dropped: packets that the capturing system lost behind them.
    init(
        playing frames: [Analysis.MadeFrame], keys: [KeyFile] = [], dropped: UInt64 = 0, limits: Limits = Limits()
    ) {
        let box = Box()
        let run = Analysis(
            keys: keys, limits: limits, formatter: Supplied(Collector(box), diagnosis: Diagnosis(limits: limits)))
        for (index, made) in frames.enumerated() {
            var frame = made.frame
            frame.number = index + 1
            run.follow(.frame(frame), made.bytes.span.bytes)
        }
        if dropped > 0 { run.follow(.dropped(dropped), [UInt8]().span.bytes) }
        run.finish()
        report = box.report
    }

    /// Of a source that a test made.
    init(reading source: any CaptureSource, keys: [KeyFile] = []) {
        let box = Box()
        let run = Analysis(keys: keys, formatter: Supplied(Collector(box), diagnosis: Diagnosis()))
        while let item = try? source.next() { source.withBytes { run.follow(item, $0) } }
        run.finish()
        report = box.report
    }

    /// Of a dialogue that a test changed, with the keys of its scenario or without.
    init(_ talk: Talk, hasKeys: Bool = true, dropped: UInt64 = 0, limits: Limits = Limits()) {
        self.init(playing: talk.frames, keys: hasKeys ? talk.keys : [], dropped: dropped, limits: limits)
    }

    init(_ findings: [Finding]) { report = Report(findings: findings) }

    var ids: Set<FindingID> { Set(findings.map(\.id)) }
    var errors: [Finding] { findings.filter { $0.severity == .error } }

    func first(_ id: FindingID) -> Finding? { findings.first { $0.id == id } }
}
