import ScopeModel
import ScopeWire
import Testing

@testable import IKEScope

@Suite("Events that wait for a condition are bounded in number and in bytes") struct HeldEventsTests {
    /// An event and its bytes, which cost `held` together.
    private struct Small {
        static let event = make(1)
        static let bytes = [UInt8](repeating: 0, count: 1000)
        static let cost = event.footprint + bytes.count

        static func make(_ ordinal: Int) -> Event {
            let frame = Frame(
                number: ordinal, time: Instant(nanoseconds: 0), linkType: .raw, capturedLength: 0, originalLength: 0)
            return Event(ordinal: ordinal, time: frame.time, origin: frame, scope: Scope(), kind: .captureLoss(1))
        }
    }

    private func table(_ change: (inout Limits) -> Void) -> HeldEvents {
        var limits = Limits()
        change(&limits)
        return HeldEvents(limits: limits)
    }

    /// As many events of an IKE SA, numbered from `first`.
    private func hold(_ count: Int, of ikeSA: Int, from first: Int = 1, _ held: inout HeldEvents, size: Int = 1000) {
        let bytes = [UInt8](repeating: 0, count: size)
        for ordinal in first..<(first + count) { held.hold(Small.make(ordinal), of: ikeSA, bytes.span.bytes) }
    }

    private func released(_ ikeSA: Int, _ held: inout HeldEvents) -> (ordinals: [Int], lost: Int) {
        let (events, lost) = held.release(ikeSA)
        #expect(events.allSatisfy { $0.bytes.count > 0 })
        return (events.map(\.event.ordinal), lost)
    }

    @Test("what costs as much as the limit is kept, and a byte more than that lets the oldest go")
    func bytesOfOne() {
        for (limit, kept) in [(4 * Small.cost, 4), (4 * Small.cost - 1, 3), (Small.cost, 1)] {
            var held = table { $0.heldBytes = limit }
            hold(4, of: 7, &held)
            let (ordinals, lost) = released(7, &held)
            #expect(ordinals == Array((5 - kept)...4) && lost == 4 - kept, "\(limit) bytes")
        }
    }

    @Test("an event that alone costs more than the limit is the one that stays")
    func oversize() {
        var held = table { $0.heldBytes = 2 * Small.cost }
        hold(2, of: 7, &held)
        hold(1, of: 7, from: 3, &held, size: 100_000)
        let (ordinals, lost) = released(7, &held)
        #expect(ordinals == [3] && lost == 2)
    }

    @Test("SAs share the bytes: the one whose events wait longest goes whole, and how many it had is told")
    func bytesOfAll() {
        for (limit, isFirstKept) in [(6 * Small.cost, true), (6 * Small.cost - 1, false)] {
            var held = table { $0.heldBytes = limit }
            for ikeSA in 1...3 { hold(2, of: ikeSA, from: 10 * ikeSA, &held) }
            let first = released(1, &held)
            #expect(first.ordinals == (isFirstKept ? [10, 11] : []) && first.lost == (isFirstKept ? 0 : 2))
            #expect(released(2, &held) == ([20, 21], 0) && released(3, &held) == ([30, 31], 0))
            #expect(held.isEmpty)
        }
    }

    @Test("what was released makes room, in bytes and in number")
    func room() {
        var held = table { ($0.heldBytes, $0.heldEvents) = (4 * Small.cost, 4) }
        for round in 1...50 {
            for ikeSA in 1...2 { hold(2, of: ikeSA, &held) }
            #expect(released(1, &held) == ([1, 2], 0) && released(2, &held) == ([1, 2], 0), "round \(round)")
        }
    }

    @Test("an SA that went whole and comes back still counts what it lost")
    func again() {
        var held = table { $0.heldEvents = 3 }
        hold(2, of: 1, &held)
        hold(2, of: 2, &held)
        hold(1, of: 1, from: 3, &held)
        #expect(released(1, &held) == ([3], 2))
        #expect(released(2, &held) == ([1, 2], 0))
    }

    @Test("each SA keeps its latest, and the number of all has a limit")
    func numbers() {
        var held = table { ($0.heldEventsPerSA, $0.heldEvents) = (3, 6) }
        hold(5, of: 1, &held)
        hold(3, of: 2, &held)
        #expect(released(2, &held) == ([1, 2, 3], 0) && released(1, &held) == ([3, 4, 5], 2))
        for ikeSA in 1...3 { hold(3, of: ikeSA, &held) }
        #expect(released(1, &held) == ([], 3) && released(3, &held) == ([1, 2, 3], 0))
    }
}
