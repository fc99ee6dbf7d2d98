import Foundation
import TestSupport
import Testing

/// The situations of `captures/cases`, each as the program prints it.
///
/// To add one is to add a row and a file.
@Suite("Situations that people met are judged as the table beside them says")
struct CaseTests {
    /// A row of `captures/cases/EXPECTED.tsv`, whose page says how it is written.
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var hasKeys: Bool
        var first: String
        var says: [Wanted]
        var never: [Wanted]
        var exit: String
        var testDescription: String { hasKeys ? "\(name), keys" : name }

        init?(_ line: Substring) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 6 else { return nil }
            (name, hasKeys, first, exit) = (fields[0], fields[1] == "keys", fields[2], fields[5])
            says = Wanted.list(fields[3])
            never = Wanted.list(fields[4])
        }
    }

    /// Words of the text, or a finding of a kind, of a severity and of a certainty; `*` is any.
    struct Wanted: CustomStringConvertible, Sendable {
        var description: String
        private let words: String?
        private let pattern: [Substring]

        static func list(_ field: String) -> [Self] {
            field == "-" ? [] : field.components(separatedBy: "; ").map(Self.init)
        }

        private init(_ item: String) {
            description = item
            words = item.hasPrefix("\"") && item.hasSuffix("\"") ? String(item.dropFirst().dropLast()) : nil
            pattern = item.split(separator: " ")
        }

        func isIn(_ said: Said) -> Bool {
            if let words { return said.text.contains(words) }
            return said.findings.contains { finding in
                let values = [finding.id, finding.severity, finding.certainty]
                return zip(pattern, values).allSatisfy { $0 == "*" || $0.split(separator: "|").contains($1[...]) }
            }
        }
    }

    struct Said {
        struct Line: Decodable {
            var id: String
            var severity: String
            var certainty: String
            var frames: [Int]
            var summary: String
        }

        var text: String
        var findings: [Line]
        var statuses: Set<Int32>

        init(_ row: Row) throws {
            let base = Shared.root + "/captures/cases/" + row.name
            var arguments = ["diagnose"]
            if row.hasKeys { arguments += ["--keys", base + ".keys.json"] }
            let asText = try Tool.run(arguments + [base + ".pcap"])
            let asJSON = try Tool.run(arguments + ["--format", "json", base + ".pcap"])
            text = asText.output
            statuses = [asText.status, asJSON.status]
            let decoder = JSONDecoder()
            findings = try asJSON.output.split(separator: "\n").map {
                try decoder.decode(Line.self, from: Data($0.utf8))
            }
        }
    }

    static let rows: [Row] = {
        let table = Shared.bytes(Shared.root + "/captures/cases/EXPECTED.tsv") ?? []
        return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { Row($0) }
    }()

    @Test("every capture has a row, and every row can be read")
    func table() {
        let captures = Shared.names(inFolder: Shared.root + "/captures/cases").filter { $0.hasSuffix(".pcap") }
        #expect(captures.count >= 52)
        #expect(Set(captures) == Set(Self.rows.map { $0.name + ".pcap" }))
    }

    @Test("with and without keys, in text and JSON, with its exit status", arguments: rows)
    func row(row: Row) throws {
        let said = try Said(row)
        for wanted in row.says { #expect(wanted.isIn(said), "\(wanted) is not said:\n\(said.text)") }
        for refuted in row.never { #expect(!refuted.isIn(said), "\(refuted) is said:\n\(said.text)") }
        if row.first != "-" { #expect(said.findings.first?.id == row.first, "first:\n\(said.text)") }
        let statuses: Set<Int32> = row.exit == "*" ? [0, 1] : [Int32(row.exit) ?? 2]
        #expect(said.statuses.count == 1 && said.statuses.isSubset(of: statuses), "\(said.statuses)")
        for finding in said.findings {
            #expect(said.text.contains(finding.summary), "in JSON alone: \(finding.summary)")
        }
    }
}
