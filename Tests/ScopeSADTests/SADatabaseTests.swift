import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeSAD

/// The events of captures that ship, as the tracker tells them.
enum Shipped {
    static func events(_ name: String, hasKeys: Bool = true) throws -> [Event] {
        let base = Shared.root + "/captures/" + name
        let keys = hasKeys ? [try KeyFile.load(base + ".keys.json")] : []
        return try Analysis.of(base + ".pcap", keys: keys).events
    }

    static func changes(_ events: [Event]) -> [SAChange] {
        var database = SADatabase()
        var changes: [SAChange] = []
        for event in events { database.fold(event) { changes.append($0) } }
        return changes
    }
}

@Suite("The database of SAs can be asked at any moment") struct SADatabaseTests {
    static let captures = [
        "rekey/raw-esp-rekey", "rekey/rekey-collision", "main-mode/both-initiate", "nat/outside",
        "failures/peer-restart",
        "remote-access/xauth-mode-config",
    ]

    /// All that a snapshot holds, as text.
    private func text(_ snapshot: Snapshot) -> [String] {
        snapshot.ike.map { "\($0.record) \($0.local)" }
            + snapshot.children.map {
                "\($0.record) \($0.local) \($0.record.pair?.isOpened ?? false) \(snapshot.since[$0.record.id] as Any)"
            }
            + PeerSession.all(of: snapshot).map { "\($0.local) \($0.remote) \($0.status) \($0.flows.count)" }
    }

    @Test("who asks after every event gets at the end what one gets who asks only once", arguments: captures)
    func anyMoment(name: String) throws {
        for hasKeys in [true, false] {
            let events = try Shipped.events(name, hasKeys: hasKeys)
            var (asked, silent) = (SADatabase(), SADatabase())
            for event in events {
                asked.take(event)
                // Some hours on, when lifetimes are over, as well as now.
                for hours in [Int64(0), 30] {
                    let time = Instant(nanoseconds: event.time.nanoseconds + hours * 3_600_000_000_000)
                    for view in [View.automatic, .responder, .both] { _ = asked.standing(at: time, for: view) }
                }
                silent.take(event)
            }
            let end = try #require(silent.now)
            for view in [View.automatic, .responder] {
                let expected = text(silent.standing(at: end, for: view))
                #expect(!expected.isEmpty)
                #expect(text(asked.standing(at: end, for: view)) == expected)
            }
        }
    }

    @Test("what comes later does not change an answer that was given")
    func value() throws {
        let events = try Shipped.events("rekey/raw-esp-rekey")
        var database = SADatabase()
        for event in events.prefix(events.count / 2) { database.take(event) }
        let middle = try #require(database.now)
        let given = database.standing(at: middle, for: .automatic)
        let before = text(given)
        for event in events.dropFirst(events.count / 2) { database.take(event) }
        #expect(text(given) == before)
        #expect(text(database.standing(at: try #require(database.now), for: .automatic)) != before)
    }

    @Test("a record that a snapshot names is found in it")
    func lookup() throws {
        var database = SADatabase()
        for event in try Shipped.events("rekey/raw-esp-rekey") { database.take(event) }
        let snapshot = database.standing(at: try #require(database.now), for: .automatic)
        for (record, _) in snapshot.ike { #expect(snapshot.ikeRecord(record.sa.id)?.sa.id == record.sa.id) }
        for (record, _) in snapshot.children { #expect(snapshot.childRecord(record.id)?.frame == record.frame) }
        for id in [nil, 0, 1000] {
            #expect(snapshot.ikeRecord(id) == nil && snapshot.childRecord(id) == nil)
        }
    }
}
