import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@Suite("The captures that ship are diagnosed as their pages say")
struct ShippedTests {
    /// What each failure's page names, with keys; every other capture works.
    static let failures: [(capture: String, id: FindingID)] = [
        ("failures/different-psk", .pskMismatchMain), ("failures/phase1-proposal", .p1ProposalMismatch),
        ("failures/phase2-transform", .p2TransformMismatch), ("failures/pfs", .p2TransformMismatch),
        ("failures/proxy-identities", .proxyIDMismatch), ("failures/udp-4500-blocked", .nat4500Blocked),
        ("failures/no-return-traffic", .oneWayInner), ("failures/untrusted-ca", .certNotTrusted),
        ("failures/no-certificate", .certMissingReq), ("failures/crl-unreachable", .certRevocation),
        ("failures/xauth-refused", .xauthFail), ("failures/aggressive-psk", .pskMismatchAggressive),
    ]

    static func base(_ name: String) -> String { Shared.root + "/captures/" + name }

    static func found(_ name: String) throws -> Found {
        try Found(base(name) + ".pcap", keys: [try KeyFile.load(base(name) + ".keys.json")])
    }

    @Test("a failure's cause is the first finding, and the first row's verdict", arguments: failures)
    func failure(capture: String, id: FindingID) throws {
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
        #expect(try Self.found("main-mode/both-initiate").first(.simultaneousInit)?.severity == .note)
        #expect(try Self.found("nat/outside").first(.natDetected)?.severity == .note)
        let plain = try Self.found("main-mode/raw-esp")
        #expect(plain.ids.isDisjoint(with: [.simultaneousInit, .natDetected]))
    }
}
