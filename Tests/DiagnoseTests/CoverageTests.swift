import Foundation
import ScopeModel
import TestSupport
import Testing

/// Every finding is documented, comes out of a capture, and stays silent in one that is nearly the same.
@Suite("Every finding has its section, a capture that shows it and a near miss")
struct CoverageTests {
    @Test("no two have one text")
    func texts() {
        #expect(Set(FindingID.allCases.map(\.text)).count == FindingID.allCases.count)
    }

    /// The chapter of the documentation in which a finding of a layer stands.
    private static func chapter(_ layer: Finding.Layer) -> String {
        switch layer {
        case .capture: "Capture"
        case .reachability, .version: "Reachability and version"
        case .phase1: "Phase 1"
        case .nat: "NAT"
        case .fragments, .authentication, .userAuthentication: "Authentication"
        case .phase2: "Phase 2"
        case .traffic: "Traffic"
        case .life: "Life of a tunnel"
        case .hygiene: "Hygiene"
        }
    }

    @Test("a section, in the chapter of its layer, says what it means, how it was seen and what to do")
    func documented() throws {
        let text = try String(contentsOfFile: Shared.root + "/docs/findings.md", encoding: .utf8)
        var sections: [String: (chapter: String, body: String)] = [:]
        for chapter in ("\n" + text).split(separator: "\n## ", omittingEmptySubsequences: false).dropFirst() {
            let title = String(chapter.prefix { $0 != "\n" })
            for part in chapter.split(separator: "\n### ", omittingEmptySubsequences: false).dropFirst() {
                let name = String(part.prefix { $0 != "\n" })
                #expect(sections[name] == nil, "\(name) twice")
                sections[name] = (title, String(part.dropFirst(name.count)))
            }
        }
        #expect(Set(sections.keys).subtracting(FindingID.allCases.map(\.text)).isEmpty)
        for id in FindingID.allCases {
            let (chapter, body) = try #require(sections[id.text], "\(id) has no section")
            #expect(chapter == Self.chapter(id.layer), "\(id)")
            let meaning = body.prefix { $0 != "-" }.filter { !$0.isWhitespace }
            #expect(!meaning.isEmpty && body.contains("\n- Seen by") && body.contains("\n- To do: "), "\(id)")
            #expect(id.page == "docs/findings.md#\(id.text)")
        }
    }

    @Test("shown, with what shows it and what to do", arguments: CoverageRow.all)
    func shown(row: CoverageRow) throws {
        for found in try row.shown.found().prefix(1) {
            let finding = try #require(found.first(row.id), "\(row.id) is not among \(found.ids)")
            #expect(!finding.summary.isEmpty)
        }
    }

    @Test("silent where it must be", arguments: CoverageRow.all)
    func silent(row: CoverageRow) throws {
        for found in try row.nearMiss.found() { #expect(found.first(row.id) == nil) }
        for found in try Shown.shipped("main-mode/raw-esp").found() where !Self.inTunnel.contains(row.id) {
            #expect(found.first(row.id) == nil)
        }
    }

    /// What there is to be said of a tunnel that works.
    private static let inTunnel: Set<FindingID> = [
        .deleteBy, .initialContact, .weakIKEv1, .weakSHA1, .weakDH2And5, .weakNoPFS,
    ]
}
