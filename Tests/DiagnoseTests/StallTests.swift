import AnalysisSupport
import ScopeModel
import TestSupport
import Testing

/// Where IKEv1 stops, by messages that are left out or sent again.
@Suite("A negotiation of IKEv1 that stops says where, and whose turn it is")
struct StallTests {
    /// A tunnel up to a message, and then these messages again, so many seconds behind their first ones.
    private func stopped(
        _ name: String, behind last: Place, again: [Place], at times: [Double] = [2, 5, 11]
    ) throws -> Found {
        var talk = try Talk(of: name).keeping(where: \.isIKE).ending(with: last)
        let first = try again.map { try talk.keeping($0) }
        for time in times {
            for (index, one) in first.enumerated() {
                talk = talk.followed(by: one.later(seconds: time + Double(index) / 100))
            }
        }
        return Found(talk, hasKeys: false)
    }

    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var last: Place
        var again: [Place]
        /// In the summary, and in what was seen.
        var says: String
        var state: String
        var testDescription: String { "\(name), \(last): \(again)" }
    }

    private static let main = "main-mode/raw-esp"
    private static let user = "remote-access/xauth-mode-config"

    static let rows = [
        Row(
            name: main, last: .mainMode(2), again: [.mainMode(2)], says: "192.0.2.10 does not go on",
            state: "MM_WAIT_MSG3"),
        Row(
            name: main, last: .mainMode(3), again: [.mainMode(3)], says: "and not Main Mode message 3",
            state: "MM_WAIT_MSG4"),
        Row(
            name: main, last: .mainMode(3), again: [.mainMode(2), .mainMode(3)],
            says: "message 3 of 192.0.2.10 does not reach",
            state: "MM_WAIT_MSG3"),
        Row(
            name: main, last: .mainMode(4), again: [.mainMode(3), .mainMode(4)],
            says: "message 4 of 198.51.100.20 does not reach", state: "MM_WAIT_MSG4"),
        Row(
            name: main, last: .mainMode(4), again: [.mainMode(4)], says: "192.0.2.10 does not go on",
            state: "MM_WAIT_MSG5"),
        Row(
            name: main, last: .mainMode(6), again: [.mainMode(5), .mainMode(6)],
            says: "message 6 of 198.51.100.20 does not reach", state: "MM_WAIT_MSG6"),
        Row(
            name: user, last: .aggressive(2), again: [.aggressive(2)], says: "does not go on", state: "AM_WAIT_MSG3"),
        Row(
            name: user, last: .transaction(2), again: [.transaction(2)], says: "AAA server", state: "CONF_XAUTH"),
    ]

    @Test("said with the states of IOS and of the ASA", arguments: rows)
    func said(row: Row) throws {
        let found = try stopped(row.name, behind: row.last, again: row.again)
        let finding = try #require(found.first(.stalled), "\(found.findings.map(\.summary))")
        #expect(finding.severity == .error && finding.certainty == .likely)
        #expect(finding.summary.contains(row.says), "\(finding.summary)")
        #expect(finding.evidence.contains { $0.contains(row.state) }, "\(finding.evidence)")
        #expect(found.errors.count == 1 && found.peers.first?.verdict == finding.summary)
    }

    @Test(
        "while it may still be answered, it is possible at most; before anything was sent again, a note",
        arguments: rows)
    func soon(row: Row) throws {
        let once = try stopped(row.name, behind: row.last, again: row.again, at: [2])
        #expect(once.errors.allSatisfy { $0.certainty == .possible })
        let none = try stopped(row.name, behind: row.last, again: [])
        #expect(none.errors.isEmpty && none.first(.stalled)?.severity == .note)
        #expect(none.first(.stalled)?.summary.contains("nothing follows from that") ?? false)
    }

    @Test("Quick Mode without its third message: lost, where the new SAs are used already")
    func third() throws {
        let whole = try Talk(of: Self.main)
        let second = try whole.keeping(.quickMode(2))
        let asker = whole.initiator
        for hasTraffic in [true, false] {
            var talk = try whole.dropping(.quickMode(3)).ending(before: .informational(1))
                .dropping(where: { $0.isESP && (!hasTraffic || $0.source != asker) })
            for time in [2.0, 5, 11] { talk = talk.followed(by: second.later(seconds: time)) }
            for hasKeys in [true, false] {
                let found = Found(talk, hasKeys: hasKeys)
                let finding = try #require(found.first(.qm3Lost), "\(found.findings.map(\.summary))")
                #expect(finding.certainty == .likely && finding.summary.contains("lost before this tap") == hasTraffic)
                #expect(found.errors.map(\.id) == [.qm3Lost])
                #expect(found.first(.espNoIKE) == nil)
            }
        }
    }
}
