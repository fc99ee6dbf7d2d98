import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// What negotiations between daemons show: each finding where it must be, and not where it must not.
@Suite("Findings of IKE in captures of real daemons")
struct CatalogueTests {
    /// The capture, the finding, how sure with keys, and without (nil: not without them).
    static let cases: [(capture: String, id: FindingID, certainty: Finding.Certainty, blind: Finding.Certainty?)] = [
        ("failures/untrusted-ca", .certNotTrusted, .proved, nil),
        ("failures/no-certificate", .certMissingReq, .likely, .likely),
        ("failures/crl-unreachable", .certRevocation, .possible, .possible),
        ("failures/xauth-refused", .xauthFail, .proved, .possible),
        ("failures/no-address", .modecfgNoAddress, .proved, nil),
        ("failures/peer-restart", .peerReboot, .proved, .likely),
        ("failures/dpd-filtered", .dpdLossButESP, .likely, .likely),
        ("failures/rekey-refused", .rekeyFail, .likely, .possible),
        ("failures/phase1-hash", .p1HashDiffers, .likely, .likely),
        ("rekey/rekey-storm", .rekeyStorm, .proved, .proved),
        ("rekey/rekey-collision", .rekeyCollision, .proved, .likely),
    ]

    @Test("shown, as surely as keys allow", arguments: cases)
    func shown(capture: String, id: FindingID, certainty: Finding.Certainty, blind: Finding.Certainty?) throws {
        let found = try #require(try ShippedTests.found(capture).first(id))
        #expect(found.certainty == certainty)
        #expect(!found.frames.isEmpty && !found.evidence.isEmpty && !found.advice.isEmpty)
        // In words and in IOS lines.
        #expect(found.advice.contains { !$0.ios.isEmpty } && found.advice.allSatisfy { !$0.text.isEmpty })
        #expect(found.certainty == .proved || !found.lookAlikes.isEmpty)
        #expect(try Found(ShippedTests.base(capture) + ".pcap").first(id)?.certainty == blind)
    }

    static let all: Set<FindingID> = [
        .p1EncrDiffers, .p1KeylenDiffers, .p1HashDiffers, .p1GroupDiffers, .p1AuthDiffers,
        .p1LifetimeDiffers, .p2LifetimeDiffers, .v1MalformedClear, .halfOpenFlood, .certMissingReq,
        .certNotTrusted, .certRevocation, .sigInvalid, .clockSkew, .xauthFail, .xauthNotExpected,
        .modecfgNoAddress, .hashPhase2Wrong, .duplicateIdentity, .peerReboot, .rekeyFail, .rekeyCollision,
        .rekeyStorm, .dpdLossButESP, .dpdPayloadOrder, .weakIntegObsolete, .weakPSKFound,
        .weakNonceOrCookieReuse,
    ]

    @Test(
        "nothing of it in tunnels that work",
        arguments: [
            "main-mode/raw-esp", "main-mode/psk-aes256", "main-mode/both-initiate", "main-mode/rsa-signatures",
            "certificates/ecdsa-chain", "certificates/aggressive-ecdsa", "quick-mode/pfs-group14", "nat/outside",
            "nat/both-sides-any", "rekey/raw-esp-rekey", "interop/strongswan-libreswan",
            "remote-access/xauth-mode-config", "remote-access/hybrid-xauth", "esp/aes-gcm",
        ])
    func quiet(capture: String) throws {
        #expect(try ShippedTests.found(capture).ids.isDisjoint(with: Self.all))
        #expect(try Found(ShippedTests.base(capture) + ".pcap").ids.isDisjoint(with: Self.all))
    }

    @Test("each capture shows its own alone", arguments: cases)
    func apart(capture: String, id: FindingID, certainty: Finding.Certainty, blind: Finding.Certainty?) throws {
        #expect(try ShippedTests.found(capture).ids.intersection(Self.all) == [id])
    }

    @Test("a peer that is down is not one whose DPD is filtered, nor one with another order of payloads")
    func dead() throws {
        let lab = LabScenario("14-dpd")
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("all") else { return }
        for found in [try Found(path), try Found(path, keys: [keys])] {
            #expect(found.ids.contains(.dpdTimeout))
            #expect(found.ids.isDisjoint(with: [.dpdLossButESP, .dpdPayloadOrder, .peerReboot]))
        }
    }

    @Test("in Aggressive Mode two keys are proved to be two where each side's is at hand")
    func aggressive() throws {
        let base = ShippedTests.base("failures/aggressive-psk")
        let all = try KeyFile.load(base + ".keys.json")
        #expect(try Found(base + ".pcap").first(.pskMismatchAggressive)?.certainty == .likely)
        #expect(try Found(base + ".pcap", keys: [all]).first(.pskMismatchAggressive)?.certainty == .proved)
        // HASH_R alone tells the responder's, and none of the initiator's.
        for (key, word) in [
            ("another-Secret-04a", "the key of 198.51.100.20"), ("no-such-key", "none of the given keys"),
        ] {
            let text = #"{"schema":"ikescope.keys/1","psk":[{"peer":"*","key":"\#(key)"}]}"#
            let one = try KeyFile(bytes: Array(text.utf8), path: "one")
            let finding = try #require(try Found(base + ".pcap", keys: [one]).first(.pskMismatchAggressive))
            #expect(finding.certainty == .likely && finding.evidence.contains { $0.contains(word) })
        }
    }

    @Test("what rests on an absence is less sure where the capture has cut packets")
    func cut() throws {
        for (name, id) in [("failures/dpd-filtered", FindingID.dpdLossButESP), ("failures/peer-restart", .peerReboot)] {
            var frames = try Analysis.frames(ShippedTests.base(name) + ".pcap")
            let whole = try #require(Found(playing: frames).first(id))
            let place = try #require(frames.indices.dropFirst(14).first { frames[$0].bytes.count > 120 })
            frames[place].bytes.removeLast(8)
            frames[place].frame.capturedLength = frames[place].bytes.count
            let cut = try #require(Found(playing: frames).first(id))
            #expect(whole.certainty == .likely && cut.certainty == .possible)
            #expect(cut.evidence.contains { $0.contains("were cut") })
        }
    }

    /// A tunnel with a list of candidates for its pre-shared key; the word `KEY` stands for the right one.
    static func listed(_ words: [String]) throws -> (found: Found, key: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let base = ShippedTests.base("main-mode/raw-esp")
        let keys = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: base + ".keys.json")))
                as? [String: Any])
        let psk = try #require(((keys["psk"] as? [[String: Any]])?.first)?["key"] as? String)
        let rest = try JSONSerialization.data(withJSONObject: ["schema": "ikescope.keys/1", "dh": keys["dh"] ?? []])
        let file = try KeyFile(bytes: Array(rest), path: "dh")
        let path = folder.appending(path: "my words.txt").path
        let lines = words.map { $0 == "KEY" ? psk : $0 }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        let candidates = CandidateSearch(try PSKList(path: path), jobs: 1)
        return (try Found(base + ".pcap", keys: [file], candidates: candidates), psk)
    }

    @Test("a pre-shared key of the list is found by its line, and one that is none of it is not")
    func list() throws {
        let (found, psk) = try Self.listed(["cisco", "secret", "KEY"])
        let hit = try #require(found.first(.weakPSKFound))
        #expect(hit.certainty == .proved && hit.summary.contains("line 3"))
        #expect(!hit.summary.contains(psk) && !hit.evidence.contains { $0.contains(psk) })
        #expect(try Self.listed(["cisco", "secret"]).found.first(.weakPSKFound) == nil)
    }

    @Test("attempts from many sources that go no further are a flood, a crowd of tunnels is none")
    func flood() throws {
        guard let tool = Shared.path("lab/tools/gen_crowd.py") else { return }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for halfOpen in [0, 120] {
            let path = folder.appending(path: "\(halfOpen).pcap").path
            let made = try ChildProcess.run(
                ["python3", tool, "--out", path, "--tunnels", "80", "--fail", "0", "--half-open", "\(halfOpen)"],
                errors: .discarded)
            try #require(made.status == 0)
            let finding = try Found(path).first(.halfOpenFlood)
            #expect((finding == nil) == (halfOpen == 0))
            #expect(
                finding.map { $0.certainty == .likely && $0.summary.contains("120") && $0.frames.count == 16 } ?? true)
        }
    }
}
