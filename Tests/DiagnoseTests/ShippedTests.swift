import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@Suite("The captures that ship are diagnosed as their pages say")
struct ShippedTests {
    /// What each failure's page names, with keys; every other capture works.
    static let failures: [(capture: String, id: String)] = [
        ("failures/different-psk", "psk-mismatch-main"), ("failures/phase1-proposal", "p1-proposal-mismatch"),
        ("failures/phase2-transform", "p2-transform-mismatch"), ("failures/pfs", "p2-transform-mismatch"),
        ("failures/proxy-identities", "proxy-id-mismatch"), ("failures/udp-4500-blocked", "nat4500-blocked"),
        ("failures/no-return-traffic", "one-way-inner"), ("failures/untrusted-ca", "cert-not-trusted"),
        ("failures/no-certificate", "cert-missing-req"), ("failures/crl-unreachable", "cert-revocation"),
        ("failures/xauth-refused", "xauth-fail"), ("failures/aggressive-psk", "psk-mismatch-aggressive"),
    ]

    static func base(_ name: String) -> String { Shared.root + "/captures/" + name }

    static func found(_ name: String) throws -> Found {
        try Found(base(name) + ".pcap", keys: [try KeyFile.load(base(name) + ".keys.json")])
    }

    @Test("a failure's cause is the first finding, and the first row's verdict", arguments: failures)
    func failure(capture: String, id: String) throws {
        let found = try Self.found(capture)
        #expect(found.findings.first?.id == id && found.findings.first?.severity == .error)
        #expect(found.errors.count == 1)
        #expect(found.peers.first?.verdict == found.findings.first?.summary)
        #expect(found.findings.first.map { !$0.frames.isEmpty && !$0.evidence.isEmpty && !$0.advice.isEmpty } ?? false)
    }

    static let healthy = [
        "main-mode/raw-esp", "main-mode/psk-aes256", "main-mode/both-initiate", "quick-mode/pfs-group14",
        "nat/outside", "nat/both-sides-any", "rekey/raw-esp-rekey", "interop/strongswan-libreswan",
        "remote-access/xauth-mode-config", "remote-access/hybrid-xauth", "esp/aes-gcm", "rekey/rekey-storm",
        "rekey/rekey-collision", "failures/peer-restart", "failures/dpd-filtered", "failures/no-address",
        "main-mode/rsa-signatures", "certificates/ecdsa-chain", "certificates/aggressive-ecdsa",
    ]

    @Test("what works has no error", arguments: healthy)
    func works(capture: String) throws {
        #expect(try Self.found(capture).errors.isEmpty)
        #expect(try Found(Self.base(capture) + ".pcap").errors.isEmpty)
    }

    @Test("both sides initiating is a note, as is a NAT; neither where there is none")
    func facts() throws {
        #expect(try Self.found("main-mode/both-initiate").first("simultaneous-init")?.severity == .note)
        #expect(try Self.found("nat/outside").first("nat-detected")?.severity == .note)
        let plain = try Self.found("main-mode/raw-esp")
        #expect(plain.ids.isDisjoint(with: ["simultaneous-init", "nat-detected"]))
    }

    @Test("every finding has its section in the documentation")
    func documented() throws {
        let text = try String(contentsOfFile: Shared.root + "/docs/findings.md", encoding: .utf8)
        let sections = Set(text.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) })
        for name in Self.failures.map(\.capture) + Self.healthy {
            #expect(try Self.found(name).ids.isSubset(of: sections), "\(name)")
        }
        // And every id that a rule writes.
        let folder = Shared.root + "/Sources/ScopeDiagnose"
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
            let source = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            for match in source.matches(
                of: /"([a-z0-9]+(?:-[a-z0-9]+)+)",\s*(?:\.(?:note|warning|error)|is|attempt|pair)/)
            {
                #expect(sections.contains(String(match.1)), "\(file): \(match.1)")
            }
        }
    }
}
