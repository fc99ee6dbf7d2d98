import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// What a capture lost when it was made, or when it was handed on, makes a diagnosis say less, and nothing that is false.
@Suite("A capture that was cut, or that lost its clock, says nothing that the whole one refutes")
struct ChangedCaptureTests {
    struct Capture: CustomTestStringConvertible, Sendable {
        var path: String
        var keys: String?
        var testDescription: String { path.split(separator: "/").suffix(3).joined(separator: "/") }

        func load() throws -> [KeyFile] { try keys.map { [try KeyFile.load($0)] } ?? [] }
    }

    /// Every capture that ships, and those of the lab, where it is there; not the longest ones.
    static let captures: [Capture] = {
        let folders = [
            "aggressive-mode", "ah", "certificates", "esp", "failures", "ikev2", "interop", "main-mode", "nat",
            "quick-mode", "rekey", "remote-access",
        ]
        let shipped =
            folders
            .flatMap { folder in
                Shared.names(inFolder: Shared.root + "/captures/" + folder).filter { $0.hasSuffix(".pcap") }
                    .map { Shared.root + "/captures/\(folder)/\($0)" }
            }.map { path in
                let keys = path.dropLast(5) + ".keys.json"
                return Capture(path: path, keys: access(String(keys), R_OK) == 0 ? String(keys) : nil)
            }
        let lab = ["lab", "lab-v2"].flatMap { folder -> [Capture] in
            let root = Shared.root + "/../shared/captures/" + folder
            return Shared.names(inFolder: root).compactMap { name in
                let path = "\(root)/\(name)/capture.pcap"
                return access(path, R_OK) == 0 ? Capture(path: path) : nil
            }
        }
        return (shipped + lab).filter { (Shared.bytes($0.path)?.count ?? .max) < 80_000 }
            .sorted { $0.path < $1.path }
    }()

    enum Change: CaseIterable {
        case to34, to68, to96, to128, to256, noStamps, countingStamps

        func applied(to frames: [Analysis.MadeFrame]) -> [Analysis.MadeFrame] {
            switch self {
            case .to34: cut(frames, 34)
            case .to68: cut(frames, 68)
            case .to96: cut(frames, 96)
            case .to128: cut(frames, 128)
            case .to256: cut(frames, 256)
            case .noStamps: stamped(frames) { _ in 0 }
            case .countingStamps: stamped(frames) { 1_000_000_000_000 + 1000 * Int64($0) }
            }
        }

        private func cut(_ frames: [Analysis.MadeFrame], _ length: Int) -> [Analysis.MadeFrame] {
            frames.map { made in
                var made = made
                made.bytes = Array(made.bytes.prefix(length))
                made.frame.capturedLength = made.bytes.count
                return made
            }
        }

        private func stamped(_ frames: [Analysis.MadeFrame], _ time: (Int) -> Int64) -> [Analysis.MadeFrame] {
            frames.enumerated().map { index, made in
                var made = made
                made.frame.time = Instant(nanoseconds: time(index))
                return made
            }
        }
    }

    @Test("without keys", arguments: captures)
    func withoutKeys(capture: Capture) throws {
        let frames = try Analysis.frames(capture.path)
        let whole = Found(playing: frames)
        for change in Change.allCases {
            check(Found(playing: change.applied(to: frames)), [whole], change, capture)
        }
    }

    @Test("with keys", arguments: captures.filter { $0.keys != nil })
    func withKeys(capture: Capture) throws {
        let frames = try Analysis.frames(capture.path)
        let keys = try capture.load()
        let whole = [Found(playing: frames), Found(playing: frames, keys: keys)]
        for change in [Change.to256, .noStamps] {
            check(Found(playing: change.applied(to: frames), keys: keys), whole, change, capture)
        }
    }

    /// Facts of the capture itself, which the whole one does not show; and a notification, told by itself where what else
    /// would tell of it rests on time.
    private static let ofCapture: Set<FindingID> = [.capSnaplen, .capTimeStep, .errorNotification]

    private func check(_ found: Found, _ whole: [Found], _ change: Change, _ capture: Capture) {
        let known = whole.reduce(into: Set<FindingID>()) { $0.formUnion($1.ids) }
        for finding in found.findings where finding.certainty == .proved && !Self.ofCapture.contains(finding.id) {
            #expect(known.contains(finding.id), "\(change): \(finding.id.text): \(finding.summary)")
        }
        for peer in found.peers {
            let same = whole.flatMap(\.peers).filter {
                Set([$0.initiator, $0.responder]) == Set([peer.initiator, peer.responder])
            }
            #expect(peer.verdict != "no IKE seen" || same.contains { $0.verdict == "no IKE seen" }, "\(change)")
            let isUp = ["up", "nothing wrong"].contains(peer.verdict)
            let isFalse = isUp && same.contains { $0.severity == .error }
            #expect(!isFalse, "\(change): \(peer.verdict)")
        }
        if whole.contains(where: { !$0.peers.isEmpty }) {
            #expect(!found.peers.isEmpty || found.first(.capSnaplen) != nil, "\(change): nothing seen")
        }
        let texts = found.findings.flatMap { [$0.summary] + $0.evidence }
        if change == .noStamps || change == .countingStamps {
            #expect(!texts.contains { $0.contains(" 0 ms") }, "\(change): \(texts.filter { $0.contains(" 0 ms") })")
        } else {
            #expect(!texts.contains { $0.contains("malformed") }, "\(change)")
        }
    }
}
