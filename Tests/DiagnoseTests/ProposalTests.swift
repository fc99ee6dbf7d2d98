import AnalysisSupport
import Foundation
import IKEScope
import ScopeConfig
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Proposals side by side, and the attributes that differ")
struct ProposalTests {
    /// Both sides begin and are refused; the second one's proposal is that of the first but for one attribute.
    private static func talk(
        _ attribute: MadeAssociation.Attribute = .hash, _ value: UInt32 = 2
    ) throws -> Talk {
        let talk = try Talk(of: "failures/phase1-hash")
        // The hash of the first one: SHA.
        try #require(try talk.message(.mainMode(1)).association?.value(.hash) == 2)
        return try talk.changing(.mainMode(1, of: 2)) { message in
            try message.set(.hash, to: 2)
            try message.set(attribute, to: value)
        }
    }

    /// Values of RFC 2409 appendix A: Camellia, 128 bits, SHA-384, group 5, RSA signatures, XAUTH with a pre-shared key.
    static let edits: [(id: FindingID, attribute: MadeAssociation.Attribute, value: UInt32)] = [
        (.p1EncrDiffers, .encryption, 8), (.p1KeylenDiffers, .keyLength, 128), (.p1HashDiffers, .hash, 5),
        (.p1GroupDiffers, .group, 5), (.p1AuthDiffers, .authentication, 3), (.p1AuthDiffers, .authentication, 65_001),
    ]

    /// Two proposals that differ in this.
    static func differing(in id: FindingID) throws -> Found {
        let edit = try #require(edits.first { $0.id == id })
        return Found(try talk(edit.attribute, edit.value), hasKeys: false)
    }

    @Test("the one attribute that differs is the cause, under the refusal", arguments: edits)
    func one(id: FindingID, attribute: MadeAssociation.Attribute, value: UInt32) throws {
        let found = Found(try Self.talk(attribute, value), hasKeys: false)
        let causes = found.findings.filter { $0.explains != nil }
        #expect(Set(causes.map(\.id)) == [id])
        // One root cause an attempt: the refusals, each with its cause behind it.
        #expect(found.errors.map(\.id) == [.p1ProposalMismatch, .p1ProposalMismatch])
        #expect(
            found.findings.prefix(4).map(\.id) == [.p1ProposalMismatch, id, .p1ProposalMismatch, id])
        for cause in causes {
            #expect(cause.explains == .p1ProposalMismatch && cause.certainty == .likely && cause.severity == .note)
            #expect(!cause.frames.isEmpty && !cause.lookAlikes.isEmpty && cause.advice.count == 2)
        }
        #expect(
            zip(found.findings, found.findings.dropFirst()).allSatisfy { $1.explains == nil || $0.peers == $1.peers })
    }

    @Test("two proposals that are the same have no cause in them")
    func same() throws {
        let found = Found(try Self.talk(), hasKeys: false)
        #expect(found.first(.p1ProposalMismatch) != nil && found.findings.allSatisfy { $0.explains == nil })
    }

    @Test("a side of which nothing is known gives no cause")
    func unknown() throws {
        let found = try Found(ShippedTests.base("failures/phase1-proposal") + ".pcap")
        #expect(found.findings.allSatisfy { $0.explains == nil })
        let table = try #require(found.first(.p1ProposalMismatch)?.proposals)
        #expect(table.offered.count == 1 && table.known.isEmpty && table.differing.isEmpty)
    }

    @Test("with the responder's configuration it is proved")
    func configured() throws {
        let base = ShippedTests.base("failures/phase1-proposal")
        let found = try Found(base + ".pcap", configs: [try IOSConfig.load(base + ".right.cfg")])
        let causes = found.findings.filter { $0.explains != nil }
        #expect(causes.map(\.id) == [.p1EncrDiffers, .p1HashDiffers])
        #expect(causes.allSatisfy { $0.certainty == .proved } && found.errors.count == 1)
        #expect(causes.first?.advice.first?.ios.contains(" encryption 3des") ?? false)
    }

    // MARK: The table

    private func text(_ name: String, json: Bool = false) throws -> String {
        let base = ShippedTests.base(name)
        let keys = [try KeyFile.load(base + ".keys.json")]
        let hasConfig = FileManager.default.fileExists(atPath: base + ".right.cfg")
        let configs = hasConfig ? [try IOSConfig.load(base + ".right.cfg")] : []
        let run =
            json
            ? try Analysis.of(
                base + ".pcap", keys: keys,
                formatter: Supplied(FindingJSONFormatter(), diagnosis: Diagnosis(configs: configs)))
            : try Analysis.of(
                base + ".pcap", keys: keys,
                formatter: Supplied(DiagnosisFormatter(), diagnosis: Diagnosis(configs: configs)))
        return run.text
    }

    @Test(
        "it fits a terminal of 100 columns, with what differs marked",
        arguments: [
            ("failures/phase1-hash", "SHA*"), ("failures/phase1-proposal", "3DES-CBC*"),
            ("failures/phase2-transform", "ESP 3DES-CBC*"), ("failures/pfs", "2*"),
        ])
    func readable(name: String, mark: String) throws {
        let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex { $0.hasPrefix("    phase ") })
        let last = try #require(lines[first...].firstIndex { $0.hasPrefix("    *") })
        let table = lines[first...last]
        #expect(table.allSatisfy { $0.count <= 100 })
        #expect(table.contains { $0.contains(mark) })
        // Columns stand below their headings.
        let lifetime = try #require(table.first?.range(of: "LIFETIME")?.lowerBound.utf16Offset(in: lines[first]))
        let rows = table.dropFirst().dropLast().filter { $0.hasPrefix("      ") }
        #expect(rows.count == 2)
        for row in rows {
            let cells = Array(row)
            #expect(cells.count > lifetime && cells[lifetime] != " " && cells[lifetime - 1] == " ")
        }
    }

    @Test("the cause stands in the first five lines", arguments: ShippedTests.failures)
    func first(capture: String, id: FindingID) throws {
        let lines = try text(capture).split(separator: "\n", omittingEmptySubsequences: false).prefix(5)
        // A configuration makes one of the failures more exact.
        #expect(lines.contains { $0.hasPrefix("  \(id == .p2TransformMismatch ? "p" : id.text)") })
    }

    @Test("in JSON it is structured")
    func json() throws {
        let objects = try text("failures/phase2-transform", json: true).split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        let table = try #require(objects.first?["proposals"] as? [String: Any])
        #expect(table["phase"] as? Int == 2 && table["by"] as? String == "192.0.2.10")
        let differing = (table["attributes"] as? [[String: Any]] ?? []).filter { $0["differs"] as? Bool ?? false }
        #expect(differing.map { $0["name"] as? String } == ["transform", "integrity"])
        let known = try #require((table["known"] as? [[String: Any]])?.first)
        #expect(known["source"] as? String == "configuration" && known["label"] as? String == "transform set LAB")
        let values = try #require(known["values"] as? [[String: Any]])
        #expect(values.count == 6 && values[0]["value"] as? String == "ESP 3DES-CBC")
        #expect(values[0]["unmatched"] as? Bool == true && values[3]["unmatched"] as? Bool == false)
        let causes = try text("failures/phase1-hash", json: true)
        #expect(causes.contains(#""id":"p1-hash-differs""#) && causes.contains(#""explains":"p1-proposal-mismatch""#))
    }

    @Test(
        "every object fits the schema, as another program reads it",
        arguments: ShippedTests.failures.map(\.capture) + ["failures/phase1-hash", "failures/rekey-refused"])
    func schema(name: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ikescope-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(try text(name, json: true).utf8).write(to: folder)
        let program = """
            import json, sys
            try: import jsonschema
            except ImportError: sys.exit(print("SKIPPED: no jsonschema for Python"))
            check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
            print(sum(not check.is_valid(json.loads(line)) for line in open(sys.argv[2])))
            """
        let schema = Shared.root + "/docs/schemas/ikescope.finding-1.schema.json"
        let (status, output) = try ChildProcess.run(["python3", "-c", program, schema, folder.path])
        let said = String(decoding: output, as: UTF8.self)
        if said.hasPrefix("SKIPPED") { return print(said) }
        #expect(status == 0 && said == "0\n")
    }

    @Test("networks that differ stand side by side")
    func networks() throws {
        let lines = try text("failures/proxy-identities").split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("    phase 2") && $0.contains("BEHIND 192.0.2.10  ") })
        #expect(lines.contains { $0.contains("asks for") && $0.contains("10.2.0.0/255.255.255.0*") })
        #expect(lines.contains { $0.contains("access list NET") && $0.contains("10.9.0.0/255.255.255.0*") })
    }

    @Test("a refusal that names no SA is of the proposal where the offers have nothing in common")
    func unnamed() throws {
        // The SPI of the notification goes (RFC 2408 section 3.14).
        func unnamed(_ talk: Talk) -> Found {
            let changed = talk.changingPackets { packet in
                guard let body = packet.message?[.notification], body.count == 24 else { return }
                packet.message?[.notification] = body.prefix(5) + [0] + body[6..<8]
            }
            return Found(changed, hasKeys: false)
        }
        let differing = unnamed(try Self.talk(.group, 5))
        #expect(differing.first(.p1ProposalMismatch)?.certainty == .likely)
        #expect(differing.first(.p1GroupDiffers) != nil)
        let same = unnamed(try Self.talk())
        #expect(same.first(.noKeyForPeer)?.certainty == .possible && same.first(.p1ProposalMismatch) == nil)
    }

    @Test("a table compares pairs, marks what has no match, and bounds what it keeps")
    func model() {
        let a = IPAddress(v4: 0xC000_0201)
        let b = IPAddress(v4: 0xC000_0202)
        func row(_ cipher: Cipher, _ bits: UInt16?, _ hash: Hash?) -> ProposalTable.Row {
            ProposalTable.Row(
                "x", .offer, frame: 1, [.cipher(cipher), bits.map { .keyLength($0) }, hash.map { .hash($0) }])
        }
        let columns = [SuiteKind.cipher, .keyLength, .hash].map { ProposalTable.Column(.suite($0)) }
        func table(_ mine: [ProposalTable.Row], _ theirs: [ProposalTable.Row]) -> ProposalTable {
            ProposalTable(phase: 1, by: a, to: b, columns: columns, offered: mine, known: theirs)
        }
        // Of another cipher the key length says nothing.
        #expect(table([row(.aesCBC, 256, .sha1)], [row(.tripleDES, nil, .sha1)]).differing == [0])
        #expect(table([row(.aesCBC, 256, .sha1)], [row(.aesCBC, nil, .sha1)]).differing == [1])
        // 256 is there, but of another cipher.
        let ofOther = table([row(.aesCBC, 256, .sha1)], [row(.aesCBC, 128, .sha1), row(.camelliaCBC, 256, .sha1)])
        #expect(ofOther.differing == [1])
        // Each value is on both sides, no two transforms are the same.
        let crossed = table(
            [row(.aesCBC, 256, .sha1), row(.tripleDES, nil, .md5)],
            [row(.aesCBC, 256, .md5), row(.tripleDES, nil, .sha1)])
        #expect(crossed.differing.isEmpty && crossed.nearest?.columns == [2])
        let many = table((0..<300).map { row(.other($0), nil, nil) }, [row(.other(299), nil, nil)])
        #expect(many.offered.count == ProposalTable.mostRows && many.leftOut.offered == 292)
    }
}
