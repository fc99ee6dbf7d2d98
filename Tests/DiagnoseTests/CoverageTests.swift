import AnalysisSupport
import Foundation
import IKEScope
import ScopeDiagnose
import ScopeModel
import TestSupport
import Testing

/// Every finding is documented, is shown by a capture and stays silent in another.
@Suite("Every finding has its section, a capture that shows it and one that must not")
struct CoverageTests {
    enum Shown: Sendable {
        /// With its keys, unless without.
        case shipped(String, keys: Bool = true)
        case lab(String, keys: Bool = true)
        case observed(String)
        /// One of `MadeCases`.
        case made
        /// A suite beside this one makes it, and tests what it must not be found in.
        case suite(String)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        var id: String
        var shown: Shown
        var silent: String
        var testDescription: String { id }

        init(_ id: String, _ shown: Shown, _ silent: String) {
            (self.id, self.shown, self.silent) = (id, shown, silent)
        }
    }

    /// What shows a finding, and the capture that ships and must not, with its keys and without: a line for each id.
    static let rows: [Row] = [
        Row("cap-snaplen", .made, "main-mode/raw-esp"),
        Row("cap-one-way", .made, "main-mode/raw-esp"),
        Row("cap-late-start", .lab("81-ah-v4/capture.pcap"), "main-mode/raw-esp"),
        Row("cap-duplicates", .shipped("nat/both-sides-any"), "main-mode/raw-esp"),
        Row("cap-drops", .made, "main-mode/raw-esp"),
        Row("cap-time-step", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("cap-offload", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("cap-too-large", .suite("MemoryTests"), "main-mode/raw-esp"),
        Row("cap-both-sides-of-crypto", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("esp-no-ike", .lab("81-ah-v4/capture.pcap"), "main-mode/raw-esp"),
        Row("ikev2-not-judged", .lab("30a-v2-psk/capture.pcap"), "main-mode/raw-esp"),
        Row("cap-nat-inside", .lab("15d-natt-true/capture-inside-nat.pcap"), "main-mode/raw-esp"),
        Row("dh-or-keys-wrong", .suite("MadeTests"), "main-mode/raw-esp"),
        Row("taps-clock-offset", .suite("TwoTapsTests"), "main-mode/raw-esp"),
        Row("taps-unrelated", .suite("TwoTapsTests"), "main-mode/raw-esp"),
        Row("no-response", .lab("13a-peer-silent/capture.pcap"), "main-mode/raw-esp"),
        Row("peer-silent-policy", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("icmp-unreachable", .made, "main-mode/raw-esp"),
        Row("version-mismatch", .made, "main-mode/raw-esp"),
        Row("mode-mismatch", .observed("mode.pcap"), "main-mode/raw-esp"),
        Row("wrong-peer-address", .suite("MadeTests"), "main-mode/raw-esp"),
        Row("udp500-one-way", .suite("MadeTests"), "main-mode/raw-esp"),
        Row("duplicate-loop", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("spoof-or-scan", .lab("71-ike-scan/capture.pcap"), "main-mode/raw-esp"),
        Row("p1-proposal-mismatch", .shipped("failures/phase1-hash"), "main-mode/raw-esp"),
        Row("p1-encr-differs", .lab("71-ike-scan/capture.pcap"), "main-mode/raw-esp"),
        Row("p1-keylen-differs", .suite("ProposalTests"), "main-mode/raw-esp"),
        Row("p1-hash-differs", .shipped("failures/phase1-hash"), "main-mode/raw-esp"),
        Row("p1-group-differs", .suite("ProposalTests"), "main-mode/raw-esp"),
        Row("p1-auth-differs", .suite("ProposalTests"), "main-mode/raw-esp"),
        Row("no-key-for-peer", .observed("v1-nokey.pcap"), "main-mode/raw-esp"),
        Row("v1-chosen-not-offered", .made, "main-mode/raw-esp"),
        Row("v1-malformed-clear", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("p1-lifetime-differs", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("nat-detected", .shipped("certificates/aggressive-ecdsa"), "main-mode/raw-esp"),
        Row("natt-not-offered", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("no-float", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("nat4500-blocked", .shipped("failures/udp-4500-blocked"), "main-mode/raw-esp"),
        Row("natt-keepalive-missing", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("tcp-encap", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("port-remap", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("psk-mismatch-main", .shipped("failures/different-psk"), "main-mode/raw-esp"),
        Row("psk-mismatch-aggressive", .observed("v1-aggr-psk.pcap"), "main-mode/raw-esp"),
        Row("id-mismatch", .shipped("certificates/expired", keys: false), "main-mode/raw-esp"),
        Row("cert-expired", .shipped("certificates/expired"), "main-mode/raw-esp"),
        Row("cert-missing-req", .shipped("failures/no-certificate"), "main-mode/raw-esp"),
        Row("cert-not-trusted", .shipped("failures/untrusted-ca"), "main-mode/raw-esp"),
        Row("cert-revocation", .shipped("failures/crl-unreachable"), "main-mode/raw-esp"),
        Row("sig-invalid", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("clock-skew", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("xauth-fail", .shipped("failures/xauth-refused"), "main-mode/raw-esp"),
        Row("xauth-not-expected", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("modecfg-no-address", .shipped("failures/no-address"), "main-mode/raw-esp"),
        Row("natd-id-private", .made, "main-mode/raw-esp"),
        Row("ike-frag-incomplete", .made, "main-mode/raw-esp"),
        Row("cert-fragment-lost", .made, "main-mode/raw-esp"),
        Row("p2-failed", .shipped("failures/pfs", keys: false), "main-mode/raw-esp"),
        Row("id-range-reversed", .shipped("hostile/selector-range-reversed-v4"), "main-mode/raw-esp"),
        Row("p2-transform-mismatch", .shipped("failures/pfs"), "main-mode/raw-esp"),
        Row("pfs-mismatch", .made, "main-mode/raw-esp"),
        Row("no-map-for-peer", .made, "main-mode/raw-esp"),
        Row("proxy-id-mismatch", .shipped("failures/proxy-identities"), "main-mode/raw-esp"),
        Row("encap-mode-mismatch", .made, "main-mode/raw-esp"),
        Row("qm3-lost", .suite("MadeTests"), "main-mode/raw-esp"),
        Row("hash-phase2-wrong", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("p2-lifetime-differs", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("esp-blocked", .lab("69-esp-blocked/capture.pcap"), "main-mode/raw-esp"),
        Row("nat-plain-esp", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("nat-breaks-ah", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("one-way-inner", .shipped("failures/no-return-traffic"), "main-mode/raw-esp"),
        Row("mtu-ptb", .made, "main-mode/raw-esp"),
        Row("esp-loss", .lab("72-two-taps/capture.pcap"), "main-mode/raw-esp"),
        Row("esp-reorder", .lab("73-esp-health/capture.pcap"), "main-mode/raw-esp"),
        Row("esp-replay-drop", .lab("73-esp-health/capture.pcap"), "main-mode/raw-esp"),
        Row("esp-seq-restart", .lab("73-esp-health/capture.pcap"), "main-mode/raw-esp"),
        Row("esp-seq-wrap", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("hmac-error", .lab("84-esp-oddities/capture.pcap"), "main-mode/raw-esp"),
        Row("clear-leak", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("esp-selector-violation", .made, "main-mode/raw-esp"),
        Row("esp-pad-bad", .made, "main-mode/raw-esp"),
        Row("esn-not-checked", .made, "main-mode/raw-esp"),
        Row("null-encryption", .lab("23-esp-null/capture.pcap"), "main-mode/raw-esp"),
        Row("spi-reserved", .made, "main-mode/raw-esp"),
        Row("esp-fragmented", .lab("84-esp-oddities/capture.pcap"), "main-mode/raw-esp"),
        Row("esp-idle-after-up", .suite("MadeTests"), "main-mode/raw-esp"),
        Row("delete-by", .shipped("certificates/aggressive-ecdsa"), "failures/phase1-proposal"),
        Row("dpd-timeout", .lab("14-dpd/capture.pcap"), "main-mode/raw-esp"),
        Row("dpd-loss-but-esp", .shipped("failures/dpd-filtered"), "main-mode/raw-esp"),
        Row("dpd-payload-order", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("duplicate-identity", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("peer-reboot", .shipped("failures/peer-restart"), "main-mode/raw-esp"),
        Row("rekey-fail", .shipped("failures/rekey-refused"), "main-mode/raw-esp"),
        Row("rekey-collision", .shipped("rekey/rekey-collision"), "main-mode/raw-esp"),
        Row("old-spi-used", .suite("MadePathTests"), "main-mode/raw-esp"),
        Row("initial-contact", .shipped("certificates/ecdsa-chain"), "failures/phase1-proposal"),
        Row("simultaneous-init", .shipped("main-mode/both-initiate"), "main-mode/raw-esp"),
        Row("rekey-storm", .shipped("rekey/rekey-storm"), "main-mode/raw-esp"),
        Row("half-open-flood", .suite("CatalogueTests"), "main-mode/raw-esp"),
        Row("esp-unknown-spi", .made, "main-mode/raw-esp"),
        Row("dpd-one-sided", .lab("70-vpnc-xauth/capture.pcap"), "main-mode/raw-esp"),
        Row("retransmit-storm", .suite("MadeTests"), "main-mode/raw-esp"),
        Row("weak-ikev1", .shipped("certificates/aggressive-ecdsa"), "failures/phase1-proposal"),
        Row("weak-aggressive-psk", .shipped("failures/no-address"), "main-mode/raw-esp"),
        Row("weak-des", .made, "main-mode/raw-esp"),
        Row("weak-3des", .lab("01-main-psk-3des/capture.pcap"), "main-mode/raw-esp"),
        Row("weak-old-cipher", .made, "main-mode/raw-esp"),
        Row("weak-md5", .made, "main-mode/raw-esp"),
        Row("weak-sha1", .shipped("certificates/ecdsa-chain"), "certificates/aggressive-ecdsa"),
        Row("weak-integ-obsolete", .suite("MadeIKETests"), "main-mode/raw-esp"),
        Row("weak-dh-1", .made, "main-mode/raw-esp"),
        Row("weak-dh-2-5", .shipped("failures/different-psk"), "quick-mode/pfs-group14"),
        Row("weak-dh-22-24", .made, "main-mode/raw-esp"),
        Row("weak-lifetime", .lab("70-vpnc-xauth/capture.pcap"), "main-mode/raw-esp"),
        Row("weak-no-auth-esp", .made, "main-mode/raw-esp"),
        Row("weak-no-pfs", .shipped("certificates/aggressive-ecdsa"), "quick-mode/pfs-group14"),
        Row("ah-no-encryption", .lab("54a-ah-tunnel/capture.pcap"), "main-mode/raw-esp"),
        Row("weak-psk-found", .suite("CatalogueTests"), "main-mode/raw-esp"),
        Row("weak-nonce-or-cookie-reuse", .suite("MadeIKETests"), "main-mode/raw-esp"),
    ]

    @Test("no id is missing")
    func complete() throws {
        let listed = Set(Catalogue.ids)
        #expect(listed.count == Catalogue.ids.count)
        let missing = listed.subtracting(Self.rows.map(\.id)).sorted()
        #expect(missing.isEmpty, "no row for \(missing)")
        #expect(Set(Self.rows.map(\.id)).subtracting(listed).isEmpty)
        #expect(Set(Self.rows.map(\.id)).count == Self.rows.count)
        // And every id that a rule writes, as a text of its own.
        let folder = Shared.root + "/Sources/ScopeDiagnose"
        for file in try FileManager.default.subpathsOfDirectory(atPath: folder)
        where file.hasSuffix(".swift") && !file.hasSuffix("Catalogue.swift") {
            let source = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            for match in source.matches(of: /Finding\(\s*(?:is\w+ |never )?\??\s*"([a-z0-9]+(?:-[a-z0-9]+)+)"/) {
                #expect(listed.contains(String(match.1)), "\(file): \(match.1)")
            }
        }
    }

    @Test("a section says what it means, how it was seen and what to do")
    func documented() throws {
        let text = try String(contentsOfFile: Shared.root + "/docs/findings.md", encoding: .utf8)
        var sections: [String: String] = [:]
        for part in ("\n" + text).split(separator: "\n### ", omittingEmptySubsequences: false).dropFirst() {
            let name = String(part.prefix { $0 != "\n" })
            #expect(sections[name] == nil, "\(name) twice")
            sections[name] = String(part.dropFirst(name.count))
        }
        let listed = Set(Catalogue.ids)
        #expect(Set(sections.keys) == listed, "\(listed.symmetricDifference(sections.keys).sorted())")
        for (name, body) in sections {
            let meaning = body.prefix { $0 != "-" }.filter { !$0.isWhitespace }
            #expect(
                !meaning.isEmpty && body.contains("\n- Seen by") && body.contains("\n- To do: "), "\(name)")
        }
    }

    private func found(_ row: Row) throws -> Found? {
        switch row.shown {
        case .shipped(let name, let keys):
            return keys ? try ShippedTests.found(name) : try Found(ShippedTests.base(name) + ".pcap")
        case .lab(let name, let keys):
            let parts = name.split(separator: "/").map(String.init)
            let lab = LabScenario(parts[0])
            guard let path = lab.path(parts[1]) else { return nil }
            return try Found(path, keys: keys ? [lab.keys("all")].compactMap { $0 } : [])
        case .observed(let name):
            guard let path = Shared.path("reference/observed/" + name) else { return nil }
            return try Found(path)
        case .made:
            let made: Found? = try MadeCases.found(row.id)
            // Some are made with keys that only the lab has.
            #expect(
                made != nil || Shared.path("captures/lab/51a-raw-esp-main/keys.json") == nil,
                "no case is made for \(row.id)")
            return made
        case .suite(let name):
            let path = Shared.root + "/Tests/DiagnoseTests/\(name).swift"
            #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"\(row.id)\""), "\(name): \(row.id)")
            return nil
        }
    }

    @Test("shown, with what shows it and what to do", arguments: rows)
    func shown(row: Row) throws {
        guard let found = try found(row) else { return }
        let finding = try #require(found.first(row.id), "\(row.id) is not among \(found.ids.sorted())")
        #expect(!finding.summary.isEmpty)
        #expect(found.ids.isSubset(of: Catalogue.ids))
    }

    @Test("silent where it must be", arguments: rows)
    func silent(row: Row) throws {
        #expect(try ShippedTests.found(row.silent).first(row.id) == nil)
        #expect(try Found(ShippedTests.base(row.silent) + ".pcap").first(row.id) == nil)
    }
}
