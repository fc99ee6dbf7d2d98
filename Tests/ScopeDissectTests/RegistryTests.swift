import Foundation
import ScopeDissect
import ScopeWire
import TestSupport
import Testing

/// Reads the number tables of the reference page and compares them with the code's.
@Suite("The registries") struct RegistryTests {
    /// One list of the page: the words before its colon, and which table of the code it is.
    struct Table: Sendable, CustomTestStringConvertible {
        var start: String
        /// Nil: the section's text, else the row of the section's table that begins so.
        var section: String
        var name: @Sendable (UInt64) -> String?
        /// Where the code says it otherwise, and how; the reason stands beside each.
        var differs: [UInt64: String] = [:]
        /// Numbers of the page that are no names (reserved, unknown there).
        var without: Set<UInt64> = []
        var testDescription: String { "\(section) \(start)" }
    }

    static let tables: [Table] = [
        Table(
            start: "- v1 (RFC 2408 s3.1", section: "## 2.",
            name: { ExchangeType(rawValue: UInt8($0)).name },
            // product.md's names of the exchanges.
            differs: [6: "transaction"]),
        Table(start: "- Microsoft AuthIP", section: "## 2.", name: { ExchangeType(rawValue: UInt8($0)).name }),
        Table(
            start: "- v1: 0 NONE", section: "## 3.", name: { PayloadType(rawValue: UInt8($0)).name },
            // product.md names payloads by the RFCs' short names.
            differs: [
                1: "SA", 2: "P", 3: "T", 4: "KE", 5: "ID", 6: "CERT", 7: "CR", 9: "SIG", 11: "N", 12: "D", 13: "VID",
                14: "CFG", 15: "SAK", 16: "SAT", 17: "KD", 18: "SEQ", 19: "POP", 22: "GAP",
            ]),
        Table(
            start: "- v1 private and draft", section: "## 3.", name: { PayloadType(rawValue: UInt8($0)).name },
            // 15 and 16 are GDOI's numbers: the payload's content tells the drafts' use.
            differs: [132: "FRAG", 15: "SAK"]),
        Table(start: "- DOI", section: "## 4.", name: { DomainOfInterpretation(rawValue: UInt32($0)).name }),
        Table(start: "- Situation bits", section: "## 4.", name: { Situation(rawValue: UInt32($0)).description }),
        Table(start: "- Protocol id", section: "## 4.", name: { SecurityProtocol(rawValue: UInt8($0)).name }),
        transforms("ISAKMP", .isakmp), transforms("AH", .ah), transforms("ESP", .esp), transforms("IPCOMP", .ipComp),
        Table(
            start: "- Errors", section: "## 7.", name: { NotifyType(rawValue: UInt16($0)).name },
            differs: [12345: "MS-STATUS"]),
        Table(start: "- Status", section: "## 7.", name: { NotifyType(rawValue: UInt16($0)).name }),
        Table(
            start: "- Private status", section: "## 7.", name: { NotifyType(rawValue: UInt16($0)).name },
            without: [40502]),
        Table(start: "- v1 id", section: "## 8.", name: { IdentificationType(rawValue: UInt8($0)).name }),
        Table(
            start: "- v1 certificate encoding", section: "## 8.",
            name: { CertificateEncoding(rawValue: UInt8($0)).name }),
        Table(start: "- Types", section: "## 10.", name: { ConfigurationType(rawValue: UInt8($0)).name }),
        attributes("- Attributes (mode-cfg draft)"), attributes("- XAUTH draft"),
        Table(
            start: "- Cisco Unity", section: "## 10.",
            name: { AttributeContext.modeConfig.name(ofAttribute: UInt16($0)) },
            differs: [28675: "SPLIT_DNS"]),
        Table(
            start: "- Check Point", section: "## 10.",
            name: { AttributeContext.modeConfig.name(ofAttribute: UInt16($0)) },
            differs: [
                16387: "CHECKPOINT_DEF_DOMAIN", 16388: "CHECKPOINT_MAC_ADDRESS",
                16389: "CHECKPOINT_MARCIPAN_REASON_CODE",
            ]),
        value(
            "| 1 | Encryption-Algorithm", "## 5.", { EncryptionAlgorithm(rawValue: $0).name },
            [
                127: "SM4-CBC (old)"
            ]),
        value("| 2 | Hash-Algorithm", "## 5.", { HashAlgorithm(rawValue: $0).name }),
        value(
            "| 3 | Authentication-Method", "## 5.", { AuthenticationMethodCode(rawValue: $0).name },
            [
                9: "ECDSA P-256 with SHA-256", 10: "ECDSA P-384 with SHA-384", 11: "ECDSA P-521 with SHA-512",
            ]),
        value("Private authentication methods", "## 5.", { AuthenticationMethodCode(rawValue: $0).name }),
        value("| 5 | Group-Type", "## 5.", { GroupType(rawValue: $0).name }),
        value("| 11 | Life-Type", "## 5.", { LifeType(rawValue: $0).name }),
        value("| 1 | SA-Life-Type", "## 6.", { LifeType(rawValue: $0).name }),
        value(
            "| 4 | Encapsulation-Mode", "## 6.", { EncapsulationMode(rawValue: $0).name },
            [
                61443: "UDP-Encapsulated-Tunnel (draft)", 61444: "UDP-Encapsulated-Transport (draft)",
            ]),
        value("| 5 | Authentication-Algorithm", "## 6.", { AuthenticationAlgorithm(rawValue: $0).name }),
        phase2Word("| 10 | ECN-Tunnel", 10), phase2Word("| 13 | Signature-Encoding-Algorithm", 13),
        phase2Word("| 14 | Address-Preservation", 14), phase2Word("| 15 | SA-Direction", 15),
        phase2Word("| 11 | Extended-Sequence-Number", 11, [1: "64-bit sequence number"]),
    ]

    private static func transforms(_ word: String, _ type: SecurityProtocol) -> Table {
        Table(start: "- Transform id, \(word == "ISAKMP" ? "protocol ISAKMP" : word)", section: "## 4.") {
            TransformID.name(of: UInt8($0), protocol: type)
        }
    }

    private static func attributes(_ start: String) -> Table {
        Table(start: start, section: "## 10.", name: { AttributeContext.modeConfig.name(ofAttribute: UInt16($0)) })
    }

    private static func value(
        _ start: String, _ section: String, _ name: @escaping @Sendable (UInt16) -> String?,
        _ differs: [UInt64: String] = [:]
    ) -> Table {
        Table(start: start, section: section, name: { name(UInt16($0)) }, differs: differs)
    }

    private static func phase2Word(_ start: String, _ type: UInt16, _ differs: [UInt64: String] = [:]) -> Table {
        Table(
            start: start, section: "## 6.",
            name: { number in
                let attribute = Attribute(type: type, isShort: true, value: [0, UInt8(number)])
                guard case .code(_, let word) = attribute.meaning(in: .phase2) else { return nil }
                return word
            }, differs: differs)
    }

    @Test("have a name for every number of the reference page", arguments: tables + ikev2Tables)
    func names(table: Table) throws {
        guard let text = Self.section(table.section) else { return }
        let line = try #require(text.first { $0.hasPrefix(table.start) })
        let pairs = Self.pairs(line)
        #expect(!pairs.isEmpty, "nothing read from \(line)")
        for (number, name) in pairs where !table.without.contains(number) {
            let ours = try #require(table.name(number), "\(table.testDescription): \(number) \(name) has no name")
            if let other = table.differs[number] {
                #expect(ours == other)
            } else {
                #expect(Self.letters(ours).hasSuffix(Self.letters(name)), "\(number): page \(name), code \(ours)")
            }
        }
        for number in table.differs.keys { #expect(pairs.contains { $0.0 == number }, "\(number) is not on the page") }
    }

    @Test("have the name of every attribute type of phase 1 and 2", arguments: [("## 5.", true), ("## 6.", false)])
    func attributeTypes(section: String, isPhase1: Bool) throws {
        guard let text = Self.section(section) else { return }
        let context: AttributeContext = isPhase1 ? .phase1 : .phase2
        var count = 0
        for line in text {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 2, let number = UInt16(cells[0]) else { continue }
            count += 1
            let ours = try #require(context.name(ofAttribute: number), "\(number) \(cells[1])")
            // The page spells out what else group 6 stands for.
            #expect(Self.letters(cells[1]).hasPrefix(Self.letters(ours)), "\(number): \(cells[1]), \(ours)")
        }
        #expect(count == (isPhase1 ? 16 : 15))
        #expect(context.name(ofAttribute: isPhase1 ? 16384 : 32001) != nil)
    }

    @Test("have every Diffie-Hellman group")
    func groups() throws {
        guard let text = Self.section("## 9.") else { return }
        var count = 0
        for line in text {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 3, let number = UInt16(cells[0]) else { continue }
            count += 1
            #expect(DHGroup(rawValue: number).name.map(Self.letters) == Self.letters(cells[1]), "\(number) \(cells[1])")
        }
        #expect(count == 29)
        for number in 6...13 { #expect(DHGroup(rawValue: UInt16(number)).name?.hasPrefix("EC2N") == true) }
    }

    @Test("keep a number that they do not know")
    func unknown() {
        #expect(PayloadType(rawValue: 77).description == "UNKNOWN(77)" && PayloadType(rawValue: 77).name == nil)
        #expect(NotifyType(rawValue: 14).description == "NO-PROPOSAL-CHOSEN(14)")
        #expect(EncryptionAlgorithm(rawValue: 65004).name == "SERPENT-CBC")
        #expect(EncryptionAlgorithm(rawValue: 65005).name == "TWOFISH-CBC")
        #expect(
            TransformID.name(of: 17, protocol: .esp) == nil
                && TransformID.name(of: 1, protocol: SecurityProtocol(rawValue: 9)) == nil)
    }

    // MARK: The page

    private static func section(_ start: String) -> [String]? {
        guard let bytes = Shared.path("reference/iana-ike.md").flatMap(Shared.bytes) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n")
        guard let from = lines.firstIndex(where: { $0.hasPrefix(start) }) else { return [] }
        return Array(lines[(from + 1)...].prefix { !$0.hasPrefix("## ") })
    }

    /// Sentences of the page that hold numbers, and are no list.
    private static let prose = [
        "v2 has", "SPLIT_*", "Body: ", "Phase 1 allows", "from a Windows peer", "tshark",
        "Unlisted numbers",
    ]

    /// The `number NAME` pairs of a line; ranges, and what stands in brackets, are left out.
    private static func pairs(_ line: String) -> [(UInt64, String)] {
        var text = line
        // A value list in brackets belongs to its name: the numbers in it are none of this table's.
        while let open = text.range(of: #"\([^()]*\)"#, options: .regularExpression) { text.removeSubrange(open) }
        text = text.replacingOccurrences(of: "**", with: "")
        if line.hasPrefix("|") {
            text = text.split(separator: "|", omittingEmptySubsequences: false).dropFirst(4).joined()
        } else if let colon = text.firstIndex(of: ":") {
            text = String(text[text.index(after: colon)...])
        }
        text = text.components(separatedBy: ". ").filter { sentence in !prose.contains { sentence.contains($0) } }
            .joined(separator: ", ")
        return text.components(separatedBy: CharacterSet(charactersIn: ",;:")).flatMap { part -> [(UInt64, String)] in
            var words = part.trimmingCharacters(in: .whitespacesAndNewlines.union(["."])).components(separatedBy: " ")
            // "Private seen 252 SERPENT", "GM/T 20 SM3": the number follows the words that introduce it.
            while let first = words.first, UInt64(first) == nil, !words.isEmpty { words.removeFirst() }
            guard words.count >= 2, let number = UInt64(words[0]), words[1] != "and", words[1] != "reserved" else {
                return []
            }
            return [(number, words[1...].joined(separator: " "))]
        }
    }

    private static func letters(_ text: String) -> String {
        String(text.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}
