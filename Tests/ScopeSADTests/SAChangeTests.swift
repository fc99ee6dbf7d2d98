import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeSAD

@Suite("What becomes of an SA is told once, with its frames") struct SAChangeTests {
    private func of(_ changes: [SAChange], isIKE: Bool) -> [SAChange] {
        changes.filter { if case .ike = $0.sa { isIKE } else { !isIKE } }
    }

    private func isEstablished(_ change: SAChange) -> Bool { change.what == .established }

    private func replacement(_ change: SAChange) -> SAIdentity? {
        if case .replaced(let new) = change.what { new } else { nil }
    }

    private func deletion(_ change: SAChange) -> Deletion? {
        if case .deleted(let deletion) = change.what { deletion } else { nil }
    }

    /// Two Quick Modes replace the ESP SAs, then a new Main Mode replaces the IKE SA, and at the end everything is deleted:
    /// so says the page of the capture.
    @Test("a chain of rekeys: each SA is replaced by the next one, and deleted")
    func rekeys() throws {
        let changes = Shipped.changes(try Shipped.events("rekey/raw-esp-rekey"))
        for (isIKE, count) in [(true, 2), (false, 3)] {
            let own = of(changes, isIKE: isIKE)
            let established = own.filter(isEstablished).map(\.sa)
            #expect(established.count == count && Set(established).count == count)
            let replaced = own.filter { replacement($0) != nil }
            #expect(replaced.map(\.sa) == Array(established.dropLast()))
            #expect(replaced.compactMap(replacement) == Array(established.dropFirst()))
            let deleted = own.filter { deletion($0) != nil }.map(\.sa)
            #expect(deleted.count == count && Set(deleted) == Set(established))
        }
        #expect(changes.allSatisfy { !$0.frames.isEmpty && $0.frames.allSatisfy { $0 > 0 } })
        #expect(changes.allSatisfy { change in deletion(change).map { change.frames.contains($0.frame) } ?? true })
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.time <= $1.time })
    }

    @Test("negotiations that cross do not replace each other", arguments: ["main-mode/both-initiate"])
    func crossing(name: String) throws {
        let changes = Shipped.changes(try Shipped.events(name))
        #expect(of(changes, isIKE: true).filter(isEstablished).count == 2)
        #expect(changes.allSatisfy { replacement($0) == nil })
    }

    @Test("without keys nothing is deleted, and packets show their SAs")
    func withoutKeys() throws {
        let changes = Shipped.changes(try Shipped.events("rekey/raw-esp-rekey", hasKeys: false))
        #expect(changes.allSatisfy { deletion($0) == nil })
        let children = of(changes, isIKE: false)
        #expect(!children.isEmpty && children.allSatisfy(isEstablished))
        // Two SPIs a pair, each by itself.
        #expect(children.count == 6)
    }

    @Test("a Delete whose HASH is wrong is told, and the SA stands")
    func wrongHash() throws {
        let events = try Shipped.events("rekey/raw-esp-rekey")
        let whole = Shipped.changes(events)
        let doubted = Shipped.changes(events.map(Self.withWrongHashOnDeletes))
        let deleted = whole.filter { deletion($0) != nil }.map(\.sa)
        let refused = doubted.filter { if case .deletionRefused = $0.what { true } else { false } }.map(\.sa)
        #expect(!deleted.isEmpty && Set(refused).isSuperset(of: deleted))
        #expect(doubted.allSatisfy { deletion($0) == nil })
        var database = SADatabase()
        for event in events { database.take(Self.withWrongHashOnDeletes(event)) }
        #expect(database.childRecords.allSatisfy { $0.deletion == nil })
        #expect(database.ikeRecords.allSatisfy { $0.deletion == nil })
    }

    /// The same event; of a message that carries a Delete, with a HASH that differs.
    private static func withWrongHashOnDeletes(_ event: Event) -> Event {
        guard case .ikeMessage(let old) = event.kind, case .opened(let chain, let key, _) = old.opening,
            chain.contains(.delete)
        else { return event }
        var event = event
        event.kind = .ikeMessage(
            IKEMessage(
                frames: old.frames, source: old.source, destination: old.destination, carrier: old.carrier,
                message: old.message, sa: old.sa, positionBefore: old.positionBefore, sender: old.sender,
                step: old.step,
                repetition: old.repetition, opening: .opened(chain, key: key, proof: .failed(.hash(1)))))
        return event
    }

    @Test("who asks for deletes alone is told the same deletes", arguments: SADatabaseTests.captures)
    func deletesAlone(name: String) throws {
        let events = try Shipped.events(name)
        var ledger = DeletedPairs(limit: 100)
        var told: [SAChange] = []
        for event in events {
            switch event.kind {
            case .ikeMessage(let message): ledger.fold(message, at: event) { told.append($0) }
            case .ipsecSAs(let pair): ledger.fold(pair, at: event)
            default: break
            }
        }
        let whole = of(Shipped.changes(events), isIKE: false).filter { deletion($0) != nil }
        #expect(told.map(\.sa) == whole.map(\.sa) && told.map(\.what) == whole.map(\.what))
        #expect(told.allSatisfy { $0.childNamedByDelete != nil })
    }

    @Test("the move to port 4500 is told of both ends")
    func moves() throws {
        let changes = Shipped.changes(try Shipped.events("nat/outside"))
        let moves = changes.compactMap { change -> (role: Role, from: Endpoint, to: Endpoint)? in
            if case .moved(let role, let from, let to) = change.what { (role, from, to) } else { nil }
        }
        let responder = moves.filter { $0.role == .responder }
        #expect(responder.map(\.from.port) == [500] && responder.map(\.to.port) == [4500])
        #expect(moves.contains { $0.role == .initiator })
        #expect(moves.allSatisfy { $0.from.address == $0.to.address })
    }

    @Test("an IKE SA keeps its identity from its first message on", arguments: SADatabaseTests.captures)
    func identity(name: String) throws {
        var identities: [Int: Set<IKESAIdentity>] = [:]
        var first: [Int: Int] = [:]
        for event in try Shipped.events(name) {
            guard case .ikeMessage(let message) = event.kind, let sa = message.sa else { continue }
            identities[sa.id, default: []].insert(sa.identity)
            first[sa.id] = first[sa.id] ?? message.frames.first
        }
        #expect(identities.values.allSatisfy { $0.count == 1 })
        #expect(Set(identities.values.compactMap(\.first)).count == identities.count)
        for (id, set) in identities { #expect(set.first?.firstFrame == first[id]) }
    }

    @Test("a crossing names the identity of the other IKE SA")
    func crossingIdentity() throws {
        var (known, crossed): (Set<IKESAIdentity>, Set<IKESAIdentity>) = ([], [])
        for event in try Shipped.events("main-mode/both-initiate") {
            guard case .ikeMessage(let message) = event.kind, let sa = message.sa else { continue }
            known.insert(sa.identity)
            if let crosses = sa.crosses { crossed.insert(crosses.identity) }
        }
        #expect(!crossed.isEmpty && crossed.isSubset(of: known))
    }
}
