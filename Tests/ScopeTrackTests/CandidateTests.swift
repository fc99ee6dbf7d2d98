import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("A list of candidates opens what the keys at hand do not")
struct CandidateTests {
    private func withList(_ text: some Collection<UInt8>, _ body: (PSKList) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "list-\(UUID().uuidString)")
        try Data(text).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(try PSKList(path: file.path))
    }

    @Test(
        "Aggressive Mode gives its PSK away, whatever its hash",
        arguments: ["04a-aggressive-psk", "63-libreswan-v1-aggr", "70-vpnc-xauth", "71-ike-scan"])
    func aggressive(name: String) throws {
        let scenario = LabScenario(name)
        guard let path = scenario.path("capture.pcap"), let psk = try Self.psk(of: scenario) else { return }
        let filler = (0..<20_000).flatMap { Array("password\($0)\n".utf8) }
        try withList(filler + psk + [10]) { list in
            let run = try Analysis.of(path, candidates: CandidateSearch(list, jobs: 2))
            #expect(
                Self.statuses(run).contains { $0.contains("\(list.name) line 20001 fits") }, "\(Self.statuses(run))")
        }
        try withList(filler) { list in
            let run = try Analysis.of(path, candidates: CandidateSearch(list, jobs: 2))
            #expect(!Self.statuses(run).contains { $0.contains("fits,") })
            #expect(run.unusedKeys.contains { $0.contains("none of its 20000 lines is the PSK") })
        }
    }

    @Test(
        "Main Mode gives it away where g^xy is known",
        arguments: ["01-main-psk-3des", "02a-main-psk-aes256", "03a-pfs-modp2048", "17b-esp-gcm"])
    func mainMode(name: String) throws {
        let scenario = LabScenario(name)
        guard let path = scenario.path("capture.pcap"), let psk = try Self.psk(of: scenario),
            let keys = try scenario.keys("dh-shared")
        else { return }
        try withList((0..<2000).flatMap { Array("password\($0)\n".utf8) } + psk + [10]) { list in
            let run = try Analysis.of(path, keys: [keys], candidates: CandidateSearch(list, jobs: 2))
            #expect(Self.statuses(run).contains { $0.contains("\(list.name) line 2001 with dh[0].shared") })
            #expect(!run.espPackets.isEmpty && run.messages.dropFirst(4).allSatisfy { $0.isOpened })
        }
    }

    @Test("two sides with two keys are said to have two")
    func different() throws {
        let scenario = LabScenario("09a-wrong-psk")
        guard let path = scenario.path("capture.pcap"), let keys = try scenario.keys("dh-shared"),
            let bytes = scenario.path("keys.json").flatMap(Shared.bytes)
        else { return }
        let lab = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let secrets = (lab?["ike"] as? [[String: Any]] ?? []).compactMap { $0["psk"] as? String }
        #expect(secrets.count == 2)
        try withList(Array(secrets.joined(separator: "\n").utf8)) { list in
            let run = try Analysis.of(path, keys: [keys], candidates: CandidateSearch(list, jobs: 2))
            let last = try #require(Self.statuses(run).last)
            #expect(last.contains("line 1 with") && last.contains("line 2 with"))
            #expect(last.contains("(initiator)") && last.contains("(responder)"))
            #expect(run.messages.dropFirst(4).allSatisfy { $0.isOpened })
        }
    }

    private static func psk(of scenario: LabScenario) throws -> [UInt8]? {
        guard let path = scenario.path("keys.json"), let bytes = Shared.bytes(path) else { return nil }
        let keys = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        return ((keys?["ike"] as? [[String: Any]])?.first?["psk"] as? String).map { Array($0.utf8) }
    }

    private static func statuses(_ run: Analysis) -> [String] {
        run.events.compactMap {
            guard case .ikeKeys(_, let status) = $0.kind else { return nil }
            switch status {
            case .opened(let names): return names.description
            case .missing(let text, _), .wrong(let text): return text
            case .none: return nil
            }
        }
    }
}
