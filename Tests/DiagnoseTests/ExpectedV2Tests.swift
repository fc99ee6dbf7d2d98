import AnalysisSupport
import ScopeModel
import TestSupport
import Testing

/// The rows of the lab's tables that concern IKEv2, with keys and without.
@Suite("What the lab's captures of IKEv2 must yield is found, and no error that they must not have")
struct ExpectedV2Tests {
    typealias Row = ExpectedTests.Row

    static let rows: [Row] =
        ExpectedTests.rows(of: "captures/lab-v2/EXPECTED.tsv") { _ in true }
        + ExpectedTests.rows(of: "captures/lab/EXPECTED.tsv", where: ExpectedTests.isIKEv2)

    @Test("with and without keys", arguments: rows)
    func expected(row: Row) throws {
        let parts = row.name.split(separator: "/", maxSplits: 1).map(String.init)
        let file = parts.count > 1 ? parts[1] : "capture.pcap"
        if parts[0] == "observed" {
            guard let path = Shared.path("reference/observed/\(parts[1]).pcap") else { return }
            return check(try Found(path), row.withoutKeys, row)
        }
        guard let scenario = IKEv2Scenario.named(parts[0]), let path = scenario.path(file) else { return }
        check(try Found(path), row.withoutKeys, row)
        // Key files have no name for the ciphers without an IV on the wire.
        let wanted = row.name.hasPrefix("218a") ? "psk,skeyid" : "all"
        guard let keys = try scenario.keys(wanted) else { return }
        check(try Found(path, keys: [keys]), row.withKeys, row)
    }

    private func check(_ found: Found, _ wanted: Set<String>, _ row: Row) {
        #expect(wanted.isEmpty || !Set(found.ids.map(\.text)).isDisjoint(with: wanted), "\(wanted) not in \(found.ids)")
        if !row.mayHaveErrors { #expect(found.errors.isEmpty, "\(found.errors.map(\.id))") }
        for finding in found.findings where finding.certainty == .proved {
            // What rests on an absence is never proved from one tap.
            let absent: [FindingID] = [
                .noResponse, .dpdTimeout, .nat4500Blocked, .espBlocked, .espLoss, .certFragmentLost,
            ]
            #expect(!absent.contains(finding.id))
        }
        for peers in found.peers where !row.mayHaveErrors {
            #expect(peers.verdict != "no IKE seen" && peers.verdict != "no child SA seen", "\(peers)")
        }
    }

    @Test(
        "of exchanges that nobody follows: they are named, and nothing is called up",
        arguments: [("207a-v2-gikev2", "GSA_AUTH"), ("208a-v2-authip", "AuthIP main")])
    func strange(name: String, exchange: String) throws {
        guard let path = Shared.path("captures/lab-v2/\(name)/capture.pcap") else { return }
        let peers = try #require(try Found(path).peers.first)
        #expect(peers.verdict == "not judged: " + exchange)
    }

    /// What the page beside the cases says of each.
    @Test(
        "of cases that people met",
        arguments: [
            ("v2-eap-refused", FindingID.eapFail, Finding.Severity.error), ("v2-role-swap", .deleteBy, .note),
            ("v1-v2-monologues", .versionMismatch, .error),
            ("v2-no-proposal-no-ike-seen", .p1ProposalMismatch, .error),
        ])
    func cases(name: String, id: FindingID, severity: Finding.Severity) throws {
        guard let path = Shared.path("captures/cases/\(name).pcap") else { return }
        let found = try Found(path)
        if severity == .error {
            #expect(found.first(id)?.severity == .error, "\(found.findings.map(\.summary))")
        } else {
            #expect(found.errors.isEmpty, "\(found.errors.map(\.summary))")
        }
    }

    @Test("ESP behind an IKE_SA_INIT and an IKE_AUTH has not come without IKE, and the capture began in time")
    func early() throws {
        guard let path = Shared.path("captures/cases/v2-then-esp-late-start.pcap") else { return }
        let found = try Found(path)
        #expect(found.ids.isDisjoint(with: [.espNoIKE, .capLateStart]))
    }
}
