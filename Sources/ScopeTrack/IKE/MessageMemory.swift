import ScopeDissect
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
        var step: Step
        /// Which of the kept outcomes is this message's; nil for one in the clear that nothing proved.
        fileprivate var outcome: Int32?
        fileprivate var isClear = true
        /// Places by their hashes: there are many entries.
        private var first: (place: Int, count: Int)
        private var second: (place: Int, count: Int)?
        private var lastTime: Instant
        /// Of the packet at the first place that came last.
        private var identification: UInt16
        /// Its ends the other way round, by a hash; 0 where they are one.
        private let back: UInt32

        fileprivate init(_ packet: Packet, ikeSA: Int, sender: Role, step: Step) {
            frame = packet.frame.number
            self.ikeSA = ikeSA
            self.sender = sender
            self.step = step
            first = (packet.place.hashValue, 1)
            lastTime = packet.frame.time
            identification = packet.identification
            back = Self.ends(packet.destination.address, packet.source.address)
        }

        private static func ends(_ from: IPAddress, _ to: IPAddress) -> UInt32 {
            var hasher = Hasher()
            hasher.combine(from)
            hasher.combine(to)
            return from == to ? 0 : UInt32(truncatingIfNeeded: hasher.finalize()) | 1
        }

        /// Nobody sends again so soon: a copy at the same point is the capture's (a mirror port).
        private static let copyTime: Int64 = 10_000_000
        /// Nothing is so long on its way between two points of a capture.
        private static let travelTime: Int64 = 1_000_000_000

        /// Whether a packet at the same point is a copy that the capture made, and not sent again.
        ///
        /// Whoever sends a message again puts it into a packet with another identification. Where that does not tell
        /// (IPv6, and RFC 6864 section 4.1), time does, and without a clock nothing.
        private func isCopy(_ packet: Packet, after passed: Int64, hasClock: Bool) -> Bool {
            if packet.identification != 0, identification != 0, packet.identification != identification { return false }
            guard hasClock || packet.identification != 0 else { return false }
            return passed >= 0 && passed < Self.copyTime
        }

        /// Counts one more of it.
        fileprivate mutating func see(_ packet: Packet, hasClock: Bool) -> IKEMessage.Repetition {
            if back != 0, Self.ends(packet.source.address, packet.destination.address) == back {
                return .reflection(of: frame)
            }
            let passed = packet.frame.time.since(lastTime)
            let most = max(first.count, second?.count ?? 0)
            let place = packet.place.hashValue
            if place == first.place {
                if first.count == most, isCopy(packet, after: passed, hasClock: hasClock) {
                    return .sighting(of: frame)
                }
                first.count += 1
                identification = packet.identification
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

    private var entries: RecentTable<Int, Entry>
    /// What became of the messages that were opened, or proved, last, for those that repeat them.
    private var outcomes: RecentTable<Int32, Outcome>
    private var outcomeCount: Int32 = 0

    /// `proof` is that of a message in the clear.
    struct Outcome {
        var opening: Opening
        var proof: Proof
    }

    private static let keptOutcomes = 1024

    init(limit: Int, bytes: Int) {
        outcomes = RecentTable(limit: Self.keptOutcomes, bytes: bytes)
        entries = RecentTable(limit: limit)
    }

    static func key(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// What an earlier message with the same bytes was, and what makes this one a repetition; nil for a new message.
    ///
    /// - Parameter hasClock: whether the time stamps tell the time.
    mutating func repetition(
        _ key: Int, _ packet: Packet, hasClock: Bool
    ) -> (Entry, IKEMessage.Repetition)? {
        entries.update(key) { entry in
            let repetition = entry.see(packet, hasClock: hasClock)
            return (entry, repetition)
        }
    }

    mutating func remember(
        _ key: Int, _ packet: Packet, ikeSA: Int, sender: Role, step: Step, opening: Opening,
        clearProof: Proof
    ) {
        var entry = Entry(packet, ikeSA: ikeSA, sender: sender, step: step)
        entry.isClear = if case .clear = opening { true } else { false }
        if !entry.isClear || clearProof != .notChecked {
            entry.outcome = outcomeCount
            outcomes.insert(Outcome(opening: opening, proof: clearProof), for: outcomeCount, cost: opening.heldBytes)
            outcomeCount &+= 1
        }
        entries.insert(entry, for: key)
    }

    func outcome(of entry: Entry) -> Outcome {
        guard let number = entry.outcome, let outcome = outcomes[number] else {
            return Outcome(
                opening: entry.isClear ? .clear : .sealed(why: "it repeats frame \(entry.frame)"), proof: .notChecked)
        }
        return outcome
    }
}

extension Opening {
    /// The bytes of what was opened and of its parsed form, by and large.
    fileprivate var heldBytes: Int {
        switch self {
        case .clear: 0
        case .opened(let chain, let key, _): chain.heldBytes + key.description.utf8.count
        case .sealed(let why): why.utf8.count
        case .unreadable(let tried): tried.reduce(0) { $0 + 32 + $1.description.utf8.count }
        }
    }
}

extension PayloadChain {
    /// Its bytes, and its payloads with what was decoded of them.
    fileprivate var heldBytes: Int { bytes.count + footprint }
}
