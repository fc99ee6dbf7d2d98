import AnalysisSupport
import IKEScope
import ScopeConfig
import ScopeCrypto
import ScopeModel
import ScopeWire

/// What `diagnose` finds in a capture.
struct Found {
    let peers: [PeerOverview]
    let findings: [Finding]

    private final class Box {
        var peers: [PeerOverview] = []
        var findings: [Finding] = []
    }

    private struct Collector: FindingFormatter {
        let box: Box

        mutating func write(_ peers: [PeerOverview], _ findings: [Finding], to sink: ByteSink) {
            (box.peers, box.findings) = (peers, findings)
        }
    }

    init(
        _ path: String, keys: [KeyFile] = [], configs: [IOSConfig] = [], candidates: CandidateSearch? = nil
    ) throws {
        let box = Box()
        _ = try Analysis.of(
            path, keys: keys, candidates: candidates,
            formatter: Diagnosis(Collector(box: box), configs: configs, candidates: candidates?.list.name))
        (peers, findings) = (box.peers, box.findings)
    }

    /// Of frames that a test made.
    ///
    /// - Parameters:
    ///   - dropped: packets that the capturing system lost behind them.
    ///   - alter: changes what the tracker tells, where no test can make the bytes.
    init(
        playing frames: [Analysis.MadeFrame], keys: [KeyFile] = [], dropped: UInt64 = 0,
        alter: @escaping (inout Event) -> Void = { _ in }
    ) {
        let box = Box()
        let run = Analysis(
            keys: keys, formatter: Altered(diagnosis: Diagnosis(Collector(box: box)), alter: alter))
        for (index, made) in frames.enumerated() {
            var frame = made.frame
            frame.number = index + 1
            run.follow(.frame(frame), made.bytes.span.bytes)
        }
        if dropped > 0 { run.follow(.dropped(dropped), [UInt8]().span.bytes) }
        run.finish()
        (peers, findings) = (box.peers, box.findings)
    }

    private struct Altered: EventFormatter {
        var diagnosis: Diagnosis<Collector>
        var alter: (inout Event) -> Void

        static var watchesClear: Bool { true }

        mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
            var event = event
            alter(&event)
            diagnosis.write(event, frame: frame, plaintext: plaintext, to: sink)
        }

        mutating func finish(to sink: ByteSink) { diagnosis.finish(to: sink) }
    }

    var ids: Set<String> { Set(findings.map(\.id)) }
    var errors: [Finding] { findings.filter { $0.severity == .error } }

    func first(_ id: String) -> Finding? { findings.first { $0.id == id } }
}
