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
    init(playing frames: [Analysis.MadeFrame], keys: [KeyFile] = []) {
        let box = Box()
        let run = Analysis(keys: keys, formatter: Diagnosis(Collector(box: box)))
        for (index, made) in frames.enumerated() {
            var frame = made.frame
            frame.number = index + 1
            run.follow(.frame(frame), made.bytes.span.bytes)
        }
        run.finish()
        (peers, findings) = (box.peers, box.findings)
    }

    var ids: Set<String> { Set(findings.map(\.id)) }
    var errors: [Finding] { findings.filter { $0.severity == .error } }

    func first(_ id: String) -> Finding? { findings.first { $0.id == id } }
}
