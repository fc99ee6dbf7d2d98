import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("A condition on one peer shows that peer alone, and all of it")
struct PeerConditionTests {
    /// A capture of 60 peers and their keys, made by the lab's generator; nil where that is absent.
    static let crowd: (capture: String, keys: String)? = {
        guard let generator = Shared.path("lab/genpcap.py") else { return nil }
        let folder = FileManager.default.temporaryDirectory.appending(path: "ikescope-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let capture = folder.appending(path: "crowd.pcap").path
        _ = try? ChildProcess.run([
            "python3", generator, "--out", capture, "--peers", "60", "--esp-per-sa", "5", "--window", "12",
        ])
        atexit { PeerConditionTests.forget() }
        return (capture, folder.appending(path: "crowd.ikescope.json").path)
    }()

    /// The tests share the capture, so that only the end of the process may remove it.
    private static func forget() {
        guard let crowd else { return }
        try? FileManager.default.removeItem(at: URL(filePath: crowd.capture).deletingLastPathComponent())
    }

    /// Frame numbers and conn-ids count over the whole capture: they are taken out.
    static func counted(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line).replacing(/frames? [0-9]+(, [0-9]+)*/, with: "frame #").replacing(
                /\((1[0-9]{3})\)/, with: "(#)")
        }
    }

    @Test("--peer A prints what a capture of A alone prints", arguments: ["10.0.0.1", "10.0.0.37", "10.0.0.60"])
    func onePeer(address: String) throws {
        guard let crowd = Self.crowd else { return }
        let keys = [try KeyFile.load(crowd.keys)]
        let all = try Analysis.of(
            crowd.capture, keys: keys, conditions: Conditions([try Condition(peer: address)]), debug: .init())
        let wanted = try #require(IPAddress(address)).bytes
        let frames = try Analysis.frames(crowd.capture)
        let own = frames.filter { Array($0.bytes[26..<30]) == wanted || Array($0.bytes[30..<34]) == wanted }
        #expect(own.count > 10 && own.count < frames.count / 20)
        let alone = Analysis.playing(own, keys: keys, debug: .init())
        let others = Set(alone.unusedKeys.map { "! \($0)" })
        let got = Self.counted(all.text)
        let expected = Self.counted(
            alone.text.split(separator: "\n", omittingEmptySubsequences: false).filter { !others.contains(String($0)) }
                .joined(separator: "\n"))
        #expect(got.count > 100)
        #expect(got == expected)
    }

    @Test("several conditions show the peers of all of them, and a subnet those inside it")
    func several() throws {
        guard let crowd = Self.crowd else { return }
        func peers(_ conditions: [Condition]) throws -> Set<IPAddress> {
            let run = try Analysis.of(crowd.capture, conditions: Conditions(conditions))
            return Set(run.messages.compactMap { $0.sa?.initiator.address })
        }
        #expect(
            try peers([Condition(parsing: "peer ipv4 10.0.0.2"), Condition(parsing: "peer ipv4 10.0.0.9")])
                == Set(["10.0.0.2", "10.0.0.9"].compactMap { IPAddress($0) }))
        #expect(try peers([Condition(parsing: "peer subnet 10.0.0.8 255.255.255.252")]).count == 4)
        #expect(try peers([Condition(parsing: "peer ipv6 2001:db8::1")]).isEmpty)
        #expect(try peers([]).count == 60)
    }
}
