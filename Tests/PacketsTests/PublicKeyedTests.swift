import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

/// A capture of others with published keys.
private struct PublicCapture {
    let name: String

    init(_ name: String) { self.name = name }

    var path: String? { Shared.path("captures/public/" + name) }

    func keys() throws -> KeyFile? {
        let stem = String(name.split(separator: ".")[0])
        guard let tool = Shared.path("lab/tools/to-keys"), let path,
            let keys = Shared.path("captures/public/\(stem).keys.json")
        else { return nil }
        let text = try ChildProcess.run(["python3", tool, keys, "--capture", path]).output
        return try KeyFile(bytes: text, path: "keys.json")
    }
}

@Suite("Captures of others open with the keys that were published with them") struct PublicKeyedTests {
    @Test(
        "ESP gives what its manifest says",
        arguments: [
            ("td-esp-3des.pcap", 0, 8), ("td-esp-aes256.pcap", 0, 8), ("ws-esp-transport.pcap", 160, 80),
            ("natt-ikev2-gcm.pcapng", 8, 0), ("sc-linux-esp-a.pcap", 2, 3),
        ])
    func esp(name: String, verified: Int, unverified: Int) throws {
        let capture = PublicCapture(name)
        guard let path = capture.path, let keys = try capture.keys() else { return }
        let run = try Analysis.of(path, keys: [keys])
        var counts = (verified: 0, unverified: 0)
        for packet in run.espPackets {
            switch packet.verdict {
            case .verified: counts.verified += 1
            case .unverified: counts.unverified += 1
            default: Issue.record("\(name): \(packet.verdict)")
            }
        }
        #expect(counts == (verified, unverified))
    }

    /// tshark opens the second one without a look at its ICV, which it calls wrong: RFC 7296 section 3.14 has the ICV first.
    @Test(
        "messages of IKEv2 open with SK_* alone, and only those whose ICV is right",
        arguments: [("natt-ikev2-gcm.pcapng", 8, 0), ("td-ikev2-psk-keys.pcap", 0, 1)])
    func ikev2(name: String, opened: Int, closed: Int) throws {
        let capture = PublicCapture(name)
        guard let path = capture.path, let keys = try capture.keys() else { return }
        let sealed = try Analysis.of(path, keys: [keys]).messages.filter(\.message.isEncrypted)
        #expect(sealed.count { $0.isOpened } == opened)
        #expect(sealed.count { !$0.isOpened } == closed)
    }

    @Test("AH of a sender that leaves the TTL in is told as a mismatch", arguments: ["js-vrrp-ah-3", "js-vrrp-ah-5"])
    func quirk(name: String) throws {
        let capture = PublicCapture(name + ".pcap")
        guard let path = capture.path, let keys = try capture.keys() else { return }
        let run = try Analysis.of(path, keys: [keys])
        let packets = run.events.compactMap { if case .ah(let packet) = $0.kind { packet.packet } else { nil } }
        #expect(!packets.isEmpty && packets.allSatisfy { $0.verdict == .badICV })
        #expect(run.accounts.allSatisfy { if case .wrong = $0.keys { true } else { false } })
    }
}
