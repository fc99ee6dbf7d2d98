import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@Suite("What the lab's captures must yield is found, and no error that they must not have")
struct ExpectedTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var withoutKeys: Set<String>
        var withKeys: Set<String>
        var mayHaveErrors: Bool
        var testDescription: String { name }
    }

    /// The rows of the lab's table that concern IKEv1, ESP and AH at one tap.
    static let rows: [Row] = rows(of: "captures/lab/EXPECTED.tsv") { !isIKEv2($0) }

    /// The rows of a table of the lab whose names are chosen.
    static func rows(of table: String, where isChosen: (String) -> Bool) -> [Row] {
        guard let path = Shared.path(table), let bytes = Shared.bytes(path) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 4, !fields[0].contains("+"), isChosen(fields[0]) else { return nil }
            func ids(_ text: String) -> Set<String> {
                Set(text.split(separator: "|").map(String.init)).subtracting(["-"])
            }
            return Row(
                name: fields[0], withoutKeys: ids(fields[1]), withKeys: ids(fields[2]), mayHaveErrors: fields[3] == "no"
            )
        }
    }

    static func isIKEv2(_ name: String) -> Bool {
        name.contains("v2") || name.hasPrefix("observed/ver")
    }

    @Test("with and without keys", arguments: rows)
    func expected(row: Row) throws {
        let parts = row.name.split(separator: "/", maxSplits: 1).map(String.init)
        let isObserved = parts[0] == "observed"
        let path =
            isObserved
            ? Shared.path("reference/observed/\(parts[1]).pcap")
            : Shared.path("captures/lab/\(parts[0])/\(parts.count > 1 ? parts[1] : "capture.pcap")")
        guard let path else { return }
        check(try Found(path), row.withoutKeys, row)
        guard !isObserved, let keys = try LabScenario(parts[0]).keys("all") else { return }
        check(try Found(path, keys: [keys]), row.withKeys, row)
    }

    private func check(_ found: Found, _ wanted: Set<String>, _ row: Row) {
        #expect(wanted.isEmpty || !Set(found.ids.map(\.text)).isDisjoint(with: wanted), "\(wanted) not in \(found.ids)")
        if !row.mayHaveErrors { #expect(found.errors.isEmpty, "\(found.errors.map(\.id))") }
        for finding in found.findings where finding.certainty == .proved {
            // What rests on an absence is never proved from one tap.
            #expect(![.noResponse, .dpdTimeout, .nat4500Blocked, .espBlocked, .espLoss].contains(finding.id))
        }
    }

    @Test("two keys are proved to be two only where both sides wrote something")
    func certainty() throws {
        guard let both = LabScenario("09a-wrong-psk").path("capture.pcap"),
            let silent = LabScenario("64-libreswan-wrong-psk").path("capture.pcap"),
            let keys = try LabScenario("09a-wrong-psk").keys("all"),
            let one = try LabScenario("64-libreswan-wrong-psk").keys("all")
        else { return }
        #expect(try Found(both).first(.pskMismatchMain)?.certainty == .likely)
        #expect(try Found(both, keys: [keys]).first(.pskMismatchMain)?.certainty == .proved)
        #expect(try Found(silent, keys: [one]).first(.pskMismatchMain)?.certainty == .likely)
    }
}
