import ScopeModel
import ScopeWire

/// Recognises messages that were seen before: sent again, or seen at another point of the capture.
///
/// By a keyed hash of their bytes, so that nobody can make two messages look like one. Bounded; the oldest go first.
struct MessageMemory {
    struct Entry {
        /// The frame of the first one.
        var frame: Int
        var ikeSA: Int
        var sender: Role
        var step: ExchangeStep
        /// Which of the kept openings is this message's.
        fileprivate var opening = 0
        /// What proved it, when it was in the clear.
        fileprivate(set) var clearProof = HashProof.notChecked
        private var first: (place: Place, count: Int)
        private var second: (place: Place, count: Int)?
        private var lastTime: Instant

        fileprivate init(_ packet: Packet, ikeSA: Int, sender: Role, step: ExchangeStep) {
            frame = packet.frame.number
            self.ikeSA = ikeSA
            self.sender = sender
            self.step = step
            first = (packet.place, 1)
            lastTime = packet.frame.time
        }

        /// Nobody sends again so soon: a copy at the same point is the capture's (a mirror port).
        private static let copyTime: Int64 = 10_000_000
        /// Nothing is so long on its way between two points of a capture.
        private static let travelTime: Int64 = 1_000_000_000

        /// Counts one more of it.
        fileprivate mutating func see(_ packet: Packet) -> IKEMessage.Repetition {
            let passed = packet.frame.time.since(lastTime)
            let most = max(first.count, second?.count ?? 0)
            let place = packet.place
            if place == first.place {
                if passed >= 0, passed < Self.copyTime, first.count == most { return .sighting(of: frame) }
                first.count += 1
            } else if place == second?.place || second == nil {
                // More of it here than elsewhere, or too late for the one elsewhere: it was sent again.
                let count = (second?.count ?? 0) + 1
                second = (place, passed > Self.travelTime ? max(count, most + 1) : count)
            } else {
                return .sighting(of: frame)
            }
            let now = max(first.count, second?.count ?? 0)
            lastTime = packet.frame.time
            return now > most ? .retransmission(of: frame, count: now - 1) : .sighting(of: frame)
        }
    }

    private var entries: [Int: Entry] = [:]
    private var order: [Int] = []
    private var head = 0
    private let limit: Int
    /// What became of the messages that were opened last, for those that repeat them.
    private var openings: [Opening] = []
    private var openingCount = 0

    private static let keptOpenings = 1024

    init(limit: Int) { self.limit = limit }

    static func key(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// What an earlier message with the same bytes was, and what makes this one a repetition; nil for a new message.
    mutating func repetition(_ key: Int, _ packet: Packet) -> (Entry, IKEMessage.Repetition)? {
        guard var entry = entries[key] else { return nil }
        let repetition = entry.see(packet)
        entries[key] = entry
        return (entry, repetition)
    }

    mutating func remember(
        _ key: Int, _ packet: Packet, ikeSA: Int, sender: Role, step: ExchangeStep, opening: Opening,
        clearProof: HashProof
    ) {
        var entry = Entry(packet, ikeSA: ikeSA, sender: sender, step: step)
        entry.clearProof = clearProof
        if case .clear = opening {
            entry.opening = -1
        } else {
            entry.opening = openingCount
            if openings.count < Self.keptOpenings {
                openings.append(opening)
            } else {
                openings[openingCount % Self.keptOpenings] = opening
            }
            openingCount += 1
        }
        if entries.updateValue(entry, forKey: key) == nil { order.append(key) }
        while entries.count > limit, head < order.count {
            entries[order[head]] = nil
            head += 1
        }
        if head > limit {
            order.removeFirst(head)
            head = 0
        }
    }

    func opening(of entry: Entry) -> Opening {
        if entry.opening < 0 { return .clear }
        guard openingCount - entry.opening <= Self.keptOpenings else {
            return .sealed(why: "it repeats frame \(entry.frame)")
        }
        return openings[entry.opening % Self.keptOpenings]
    }
}
