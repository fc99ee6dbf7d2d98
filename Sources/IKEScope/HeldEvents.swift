import ScopeModel
import ScopeWire

/// Events of IKE SAs that no condition has matched yet, kept with copies of their bytes for the case that one does.
///
/// Each SA keeps its latest; all together have a bound, over which the SA goes whose events wait longest.
struct HeldEvents {
    struct Held {
        var event: Event
        var bytes: [UInt8]
    }

    private struct Waiting {
        var events: [Held] = []
        /// How many went because of a bound.
        var lost = 0
    }

    private var waiting: [Int: Waiting] = [:]
    /// The SAs of `waiting` in the order of their first event; those before `head`, and some others, are done with.
    private var order: [Int] = []
    private var head = 0
    private var events = 0
    private var bytes = 0
    /// Of SAs that were let go as a whole: their counts, for as many SAs as the tracker knows.
    private var lost: [Int: Int] = [:]
    private let limits: Limits

    init(limits: Limits) { self.limits = limits }

    var isEmpty: Bool { waiting.isEmpty && lost.isEmpty }

    mutating func hold(_ event: Event, of ikeSA: Int, _ span: RawSpan) {
        let held = Held(event: event, bytes: span.withUnsafeBytes { Array($0) })
        if waiting[ikeSA] == nil { order.append(ikeSA) }
        var entry = waiting.removeValue(forKey: ikeSA) ?? Waiting(lost: lost.removeValue(forKey: ikeSA) ?? 0)
        entry.events.append(held)
        events += 1
        bytes += held.bytes.count
        if entry.events.count > max(limits.heldEventsPerSA, 1) {
            let first = entry.events.removeFirst()
            entry.lost += 1
            events -= 1
            bytes -= first.bytes.count
        }
        waiting[ikeSA] = entry
        while events > limits.heldEvents || bytes > limits.heldBytes, head < order.count { dropOldest() }
    }

    /// Takes out the events of an SA, and how many there were before them.
    mutating func release(_ ikeSA: Int) -> (events: [Held], lost: Int) {
        guard let entry = waiting.removeValue(forKey: ikeSA) else {
            return ([], lost.removeValue(forKey: ikeSA) ?? 0)
        }
        events -= entry.events.count
        bytes -= entry.events.reduce(0) { $0 + $1.bytes.count }
        tidy()
        return (entry.events, entry.lost)
    }

    private mutating func dropOldest() {
        let ikeSA = order[head]
        head += 1
        guard let entry = waiting.removeValue(forKey: ikeSA) else { return }
        events -= entry.events.count
        bytes -= entry.events.reduce(0) { $0 + $1.bytes.count }
        if lost.count >= limits.ikeSAs {
            // Ids grow with time: the older half is the lower one.
            for id in lost.keys.sorted().prefix(lost.count / 2 + 1) { lost[id] = nil }
        }
        lost[ikeSA] = entry.lost + entry.events.count
        tidy()
    }

    /// Lets go of the places in `order` that nothing waits at, now and then.
    private mutating func tidy() {
        guard order.count > 2 * waiting.count + 64 else { return }
        order = order.dropFirst(head).filter { waiting[$0] != nil }
        head = 0
    }
}
