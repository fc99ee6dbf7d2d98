import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

/// Tunnels in numbers, made by the lab's generator with the truth beside them.
@Suite("The few that fail come before the many that work")
struct CrowdTests {
    @Test("each failing peer is found with its cause, on top, and no other", arguments: [false, true])
    func crowd(hasKeys: Bool) throws {
        guard let tool = Shared.path("lab/tools/gen_crowd.py") else { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let base = folder.appending(path: "crowd").path
        let made = try ChildProcess.run(
            [
                "python3", tool, "--out", base + ".pcap", "--tunnels", "600", "--fail", "21", "--seed",
                hasKeys ? "5" : "6",
            ],
            errors: .discarded)
        try #require(made.status == 0)
        let keys = hasKeys ? [try KeyFile.load(base + ".ikescope.json")] : []
        let found = try Found(base + ".pcap", keys: keys)
        var errors: [String: Set<String>] = [:]
        for finding in found.errors { errors["\(finding.peers[0])", default: []].insert(finding.id.text) }
        let truth = try String(contentsOfFile: base + ".truth.tsv", encoding: .utf8)
        for line in truth.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t").map(String.init)
            let wanted = Set(fields[hasKeys ? 4 : 3].split(separator: "|").map(String.init)).subtracting(["-"])
            let got = errors[fields[0]] ?? []
            #expect(wanted.isEmpty ? got.isEmpty : !got.isDisjoint(with: wanted), "\(fields[0]) \(fields[2]): \(got)")
        }
        #expect(found.peers.prefix(21).allSatisfy { $0.severity == .error })
        #expect(found.peers.dropFirst(21).allSatisfy { $0.severity != .error })
    }
}
