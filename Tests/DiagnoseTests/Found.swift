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
    /// - Parameter dropped: packets that the capturing system lost behind them.
    init(
        playing frames: [Analysis.MadeFrame], keys: [KeyFile] = [], dropped: UInt64 = 0, limits: Limits = Limits()
    ) {
        let box = Box()
        let run = Analysis(keys: keys, formatter: Diagnosis(Collector(box: box), limits: limits))
        for (index, made) in frames.enumerated() {
            var frame = made.frame
            frame.number = index + 1
            run.follow(.frame(frame), made.bytes.span.bytes)
        }
        if dropped > 0 { run.follow(.dropped(dropped), [UInt8]().span.bytes) }
        run.finish()
        (peers, findings) = (box.peers, box.findings)
    }

    var ids: Set<String> { Set(findings.map(\.id)) }
    var errors: [Finding] { findings.filter { $0.severity == .error } }

    func first(_ id: String) -> Finding? { findings.first { $0.id == id } }
}
