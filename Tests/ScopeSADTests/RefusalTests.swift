import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeSAD

@Suite("What is refused, and what a Delete finds to delete, is told") struct RefusalTests {
    private func refusal(_ change: SAChange) -> Refusal? {
        if case .refused(let refusal) = change.what { refusal } else { nil }
    }

    private func refusals(_ name: String, hasKeys: Bool = true) throws -> [SAChange] {
        Shipped.changes(try Shipped.events(name, hasKeys: hasKeys)).filter { refusal($0) != nil }
    }

    private func isIKE(_ sa: SAIdentity) -> Bool { if case .ike = sa { true } else { false } }

    /// The pages of the captures say what was answered: NO-PROPOSAL-CHOSEN, INVALID-ID-INFORMATION.
    @Test(
        "a child that is refused is named by its negotiation, with the meaning of the refusal",
        arguments: [
            ("failures/phase2-transform", NotifyMeaning.refusedProposal),
            ("failures/pfs", .refusedProposal), ("failures/proxy-identities", .refusedIdentity),
        ])
    func children(name: String, why: NotifyMeaning) throws {
        let events = try Shipped.events(name)
        let told = Shipped.changes(events).filter { refusal($0) != nil }
        #expect(!told.isEmpty)
        #expect(told.allSatisfy { refusal($0) == Refusal(role: .responder, why: why) && !isIKE($0.sa) })
        // The SPI that message 1 asks with, and the frame of that message.
        let asked = events.compactMap { event -> ChildSAIdentity? in
            guard case .ikeMessage(let message) = event.kind, message.step == .v1(.quickMode(1)),
                case .first = message.repetition, let proposal = message.quickMode?.offer?.proposals.first
            else { return nil }
            return ChildSAIdentity(
                protocolID: .esp, spiToInitiator: proposal.spiNumber, spiToResponder: nil, firstFrame: event.frame)
        }
        #expect(told.map(\.sa) == asked.map { .child($0) })
        #expect(try refusals(name, hasKeys: false).isEmpty)
    }

    /// Before the two packets of IKE stand two of ARP.
    @Test("phase 1 that is refused in the clear is told of its IKE SA")
    func phase1() throws {
        let events = try Shipped.events("failures/phase1-proposal", hasKeys: false)
        let told = Shipped.changes(events)
        #expect(told.map { refusal($0) } == [Refusal(role: .responder, why: .refusedProposal)])
        #expect(told.allSatisfy { isIKE($0.sa) && $0.frames == [4] })
    }

    @Test("of a rekeying that is refused, the SA that stands is not the one refused")
    func rekeying() throws {
        let changes = Shipped.changes(try Shipped.events("failures/rekey-refused"))
        let refused = changes.filter { refusal($0) != nil }.map(\.sa)
        let established = changes.filter { $0.what == .established }.map(\.sa)
        #expect(refused.count == 1 && !established.isEmpty)
        #expect(Set(refused).isDisjoint(with: established))
        #expect(changes.allSatisfy { if case .replaced = $0.what { false } else { true } })
    }

    @Test("captures in which nothing is refused", arguments: SADatabaseTests.captures)
    func nothing(name: String) throws { #expect(try refusals(name).isEmpty) }

    @Test("in the clear nothing is refused that a key has proved; what comes before that is")
    func forged() throws {
        let notice = try #require(
            Shipped.events("failures/phase1-proposal", hasKeys: false).first { event in
                if case .ikeMessage(let message) = event.kind { message.step.isInformational } else { false }
            })
        let events = try Shipped.events("main-mode/raw-esp")
        let ike = events.indices.filter { if case .ikeMessage = events[$0].kind { true } else { false } }
        for place in ike {
            guard case .ikeMessage(let before) = events[place].kind, case .ikeMessage(let message) = notice.kind else {
                continue
            }
            var forged = notice
            forged.kind = .ikeMessage(
                IKEMessage(
                    frames: message.frames, source: message.source, destination: message.destination,
                    carrier: message.carrier, message: message.message, sa: before.sa, sender: .responder,
                    step: .v1(.informational)))
            let changes = Shipped.changes(Array(events[...place]) + [forged] + events[(place + 1)...])
            let isProved = before.step != .v1(.mainMode(1)) && !before.message.ciphertext.isEmpty
            #expect(changes.filter { refusal($0) != nil }.count == (isProved ? 0 : 1), "behind event \(place)")
        }
    }

    @Test("a Delete that comes again, or names what nothing else shows, finds nothing to delete")
    func nothingToDelete() throws {
        let events = try Shipped.events("rekey/raw-esp-rekey")
        let whole = Shipped.changes(events)
        func named(_ changes: [SAChange]) -> [SAChange] { changes.filter { $0.namedByDelete != nil } }
        func isNothing(_ change: SAChange) -> Bool {
            if case .nothingToDelete = change.what { true } else { false }
        }
        #expect(!named(whole).isEmpty && named(whole).allSatisfy { !isNothing($0) })
        // Each Delete twice.
        let twice = named(
            Shipped.changes(
                events.flatMap { event -> [Event] in
                    guard case .ikeMessage(let message) = event.kind, message.readable?.contains(.delete) ?? false
                    else { return [event] }
                    return [event, event]
                }))
        #expect(twice.filter { !isNothing($0) }.map(\.sa) == named(whole).map(\.sa))
        #expect(Set(twice.filter(isNothing).map(\.sa)) == Set(named(whole).map(\.sa)))
        // Without what shows the SAs of children.
        let unseen = named(
            Shipped.changes(
                events.filter { event in
                    switch event.kind {
                    case .ipsecSAs, .esp: false
                    default: true
                    }
                }))
        let children = unseen.filter { !isIKE($0.sa) }
        #expect(children.count == 3 && children.allSatisfy(isNothing))
        let spis = children.compactMap { change -> UInt32? in
            guard case .child(let child) = change.sa else { return nil }
            return child.spiToInitiator ?? child.spiToResponder
        }
        let known = named(whole).flatMap { change -> [UInt32?] in
            guard case .child(let child) = change.sa else { return [] }
            return [child.spiToInitiator, child.spiToResponder]
        }
        #expect(Set(spis).count == 3 && Set(spis).isSubset(of: Set(known.compactMap { $0 })))
    }
}
