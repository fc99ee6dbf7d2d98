import ScopeModel
import ScopeWire

/// Events of IKE SAs that no condition has matched yet, kept with copies of their bytes for the case that one does.
///
/// Each SA keeps its latest; all together have a bound in number and one in bytes, over which the SA goes whose events
/// wait longest.
struct HeldEvents {
    struct Held {
        var event: Event
        var bytes: [UInt8]

        /// In memory, the parsed form included.
        var cost: Int { event.footprint + bytes.count }
    }

    private struct Waiting {
        var events: [Held] = []
        var cost = 0
        /// How many went because of a bound.
        var lost = 0

        mutating func dropFirst() {
            cost -= events.removeFirst().cost
            lost += 1
        }
    }

    private var waiting: RecentTable<Int, Waiting>
    private var events = 0
    /// Of SAs that were let go as a whole: their counts, for as many SAs as the tracker knows.
    private var lost: RecentTable<Int, Int>
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
        waiting = RecentTable(limit: max(limits.heldEvents, 1), bytes: limits.heldBytes)
        lost = RecentTable(limit: limits.ikeSAs)
    }

    var isEmpty: Bool { waiting.isEmpty && lost.isEmpty }

    mutating func hold(_ event: Event, of ikeSA: Int, _ span: RawSpan) {
        let held = Held(event: event, bytes: span.withUnsafeBytes { Array($0) })
        if !waiting.contains(ikeSA) { forget(waiting.insert(Waiting(lost: lost.remove(ikeSA) ?? 0), for: ikeSA)) }
        let cost = held.cost
        let (most, bytes) = (max(limits.heldEventsPerSA, 1), limits.heldBytes)
        let outcome = waiting.update(ikeSA) { entry in
            entry.events.append(held)
            entry.cost += cost
            let before = entry.events.count
            // One that alone is over the bound stays: the newest.
            while entry.events.count > 1, entry.events.count > most || entry.cost > bytes { entry.dropFirst() }
            return (cost: entry.cost, dropped: before - entry.events.count)
        }
        guard let outcome else { return }
        events += 1 - outcome.dropped
        forget(waiting.price(ikeSA, at: outcome.cost))
        while events > limits.heldEvents, waiting.count > 1, let oldest = waiting.removeOldest() { forget([oldest]) }
    }

    /// Takes out the events of an SA, and how many there were before them.
    mutating func release(_ ikeSA: Int) -> (events: [Held], lost: Int) {
        guard let entry = waiting.remove(ikeSA) else { return ([], lost.remove(ikeSA) ?? 0) }
        events -= entry.events.count
        return (entry.events, entry.lost)
    }

    private mutating func forget(_ gone: [(key: Int, value: Waiting)]) {
        for (ikeSA, entry) in gone {
            events -= entry.events.count
            lost.insert(entry.lost + entry.events.count, for: ikeSA)
        }
    }
}
