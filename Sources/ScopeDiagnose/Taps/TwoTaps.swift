import ScopeDissect
import ScopeModel
import ScopeWire

/// Compares two captures of one tunnel packet by packet: what was lost between them, what was altered, and how far apart
/// their clocks are.
///
/// An ESP or AH packet is known by SPI and sequence number, an IKE message by its bytes. Of each SA the numbers are kept
/// as runs, and of the times so many as a clock offset takes: memory does not grow with the packets.
public final class TwoTaps {
    public enum Tap: Int, Sendable { case a, b }

    struct Key: Hashable {
        var spi: UInt32
        var isAH: Bool
    }

    /// What one tap saw of an SA.
    struct Sightings {
        var runs = NumberRuns()
        var source: IPAddress
        var destination: IPAddress
        var sourcePort: UInt16
        var first: Instant
        var last: Instant
        var firstFrame: Int
        /// Not all of its numbers are kept: nothing can be said of what is missing.
        var isPartial = false
    }

    struct Message {
        var time: Instant
        var frame: Int
        var source: Endpoint
        var destination: Endpoint
        /// Of the IKE SA, as this tap sees it.
        var initiator: IPAddress
    }

    private(set) var sas: [[Key: Sightings]] = [[:], [:]]
    private(set) var messages: [[Int: Message]] = [[:], [:]]
    /// Times of the first packets of each SA, by sequence number: for the offset of the clocks.
    private var times: [[Key: [UInt32: Instant]]] = [[:], [:]]

    /// Runs of numbers, and times, of all SAs at each tap.
    private var runCounts = [0, 0]
    private var timeCounts = [0, 0]

    private static let mostSAs = 65_536
    private static let mostRuns = 1 << 20
    private static let mostTimesInAll = 1 << 17
    private static let mostMessages = 65_536
    private static let mostTimes = 512

    public init() {}

    /// Takes in one event of the capture at `tap`.
    public func take(_ event: Event, at tap: Tap) {
        switch event.kind {
        case .esp(let packet) where packet.enclosure.depth == 0:
            note(
                Key(spi: packet.spi, isAH: false), packet.sequence, packet.source, packet.destination, event, tap,
                packet.repetition)
        case .ah(let packet) where packet.enclosure.depth == 0:
            note(
                Key(spi: packet.spi, isAH: true), packet.sequence, packet.source, packet.destination, event, tap,
                packet.repetition)
        case .ikeMessage(let message): note(message, event, tap)
        default: break
        }
    }

    private func note(
        _ key: Key, _ sequence: UInt32, _ source: Endpoint, _ destination: Endpoint, _ event: Event, _ tap: Tap,
        _ repetition: IKEMessage.Repetition
    ) {
        if case .sighting = repetition { return }
        if sas[tap.rawValue][key] == nil {
            guard sas[tap.rawValue].count < Self.mostSAs else { return }
            sas[tap.rawValue][key] = Sightings(
                source: source.address, destination: destination.address, sourcePort: source.port, first: event.time,
                last: event.time, firstFrame: event.frame)
        }
        let hasRoom = runCounts[tap.rawValue] < Self.mostRuns
        if let change = sas[tap.rawValue][key]?.runs.insert(sequence, hasRoom: hasRoom) {
            runCounts[tap.rawValue] += change
        } else {
            sas[tap.rawValue][key]?.isPartial = true
        }
        sas[tap.rawValue][key]?.last = event.time
        if times[tap.rawValue][key]?.count ?? 0 < Self.mostTimes, timeCounts[tap.rawValue] < Self.mostTimesInAll {
            let known = times[tap.rawValue][key, default: [:]].updateValue(event.time, forKey: sequence)
            if known == nil { timeCounts[tap.rawValue] += 1 }
        }
    }

    private func note(_ message: IKEMessage, _ event: Event, _ tap: Tap) {
        // Which transmission of a repeat arrived where nobody can tell.
        guard case .first = message.repetition, messages[tap.rawValue].count < Self.mostMessages else { return }
        var hasher = Hasher()
        message.message.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        messages[tap.rawValue][hasher.finalize()] = Message(
            time: event.time, frame: event.frame, source: message.source, destination: message.destination,
            initiator: message.sa?.initiator.address ?? message.source.address)
    }

    // MARK: The comparison

    /// How much later the clock of B is, in nanoseconds; nil where no packet is at both taps.
    var offset: (nanoseconds: Int64, isTwoWay: Bool)? {
        // What A saw first went to B, and the other way round: without an offset both differences would be travel times.
        var toB: [Int64] = []
        var toA: [Int64] = []
        for (key, a) in messages[0] {
            guard let b = messages[1][key] else { continue }
            let difference = b.time.since(a.time)
            if isFromA(a.source.address) { toB.append(difference) } else { toA.append(difference) }
        }
        for (key, a) in times[0] {
            guard let b = times[1][key], let seen = sas[0][key] else { continue }
            for (sequence, time) in a {
                guard let other = b[sequence] else { continue }
                if isFromA(seen.source) { toB.append(other.since(time)) } else { toA.append(other.since(time)) }
            }
        }
        // The quickest packet each way waited least.
        switch (toB.min(), toA.max()) {
        case (let there?, let back?): return (there / 2 &+ back / 2, true)
        case (let there?, nil): return (there, false)
        case (nil, let back?): return (back, false)
        case (nil, nil): return nil
        }
    }

    /// The peer whose packets pass A first: the one that loses nothing before it.
    func isFromA(_ address: IPAddress) -> Bool { senderAtA == nil || address == senderAtA }

    /// Who is at A's side: of whose packets A misses fewest.
    private(set) lazy var senderAtA: IPAddress? = {
        var lacks: [IPAddress: (a: UInt64, b: UInt64)] = [:]
        for key in Set(sas[0].keys).union(sas[1].keys) {
            let (a, b) = (sas[0][key], sas[1][key])
            guard let source = (a ?? b)?.source else { continue }
            let (runsA, runsB) = (a?.runs ?? NumberRuns(), b?.runs ?? NumberRuns())
            lacks[source, default: (0, 0)].a += runsB.count(without: runsA)
            lacks[source, default: (0, 0)].b += runsA.count(without: runsB)
        }
        // Of those that miss as few, the lowest address: the order of a dictionary is another one each time.
        let best = lacks.filter { $0.value.b > $0.value.a }.max { ($0.value.b, $1.key) < ($1.value.b, $0.key) }
        if let best { return best.key }
        // Nothing was lost: the initiator is at the first tap, as a user names them; NAT tells better where it is seen.
        return messages[0].values.min { $0.frame < $1.frame }?.initiator
    }()

    var matchedMessages: Int { messages[0].keys.count { messages[1][$0] != nil } }
}

/// A set of sequence numbers, as runs: what arrives in order takes no room.
struct NumberRuns {
    private(set) var runs: [ClosedRange<UInt32>] = []
    private static let most = 65_536

    /// Takes in a number; gives by how many the runs grew, and nil where there is no room for another one.
    @discardableResult
    mutating func insert(_ number: UInt32, hasRoom: Bool = true) -> Int? {
        if let last = runs.last, last.upperBound < .max, number == last.upperBound + 1 {
            runs[runs.count - 1] = last.lowerBound...number
            return 0
        }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        if low < runs.count, runs[low].contains(number) { return 0 }
        let joinsBefore = low > 0 && runs[low - 1].upperBound < .max && runs[low - 1].upperBound + 1 == number
        let joinsAfter = low < runs.count && number < .max && runs[low].lowerBound == number + 1
        switch (joinsBefore, joinsAfter) {
        case (true, true):
            runs[low - 1] = runs[low - 1].lowerBound...runs[low].upperBound
            runs.remove(at: low)
            return -1
        case (true, false): runs[low - 1] = runs[low - 1].lowerBound...number
        case (false, true): runs[low] = number...runs[low].upperBound
        case (false, false):
            guard hasRoom, runs.count < Self.most else { return nil }
            runs.insert(number...number, at: low)
            return 1
        }
        return 0
    }

    var count: UInt64 { runs.reduce(0) { $0 + UInt64($1.upperBound - $1.lowerBound) + 1 } }

    /// Runs of numbers that are here and not in `other`.
    func missing(in other: NumberRuns) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var place = 0
        for run in runs {
            var next = UInt64(run.lowerBound)
            while place < other.runs.count, other.runs[place].upperBound < run.lowerBound { place += 1 }
            var at = place
            while at < other.runs.count, other.runs[at].lowerBound <= run.upperBound {
                let taken = other.runs[at]
                if UInt64(taken.lowerBound) > next { result.append(UInt32(next)...(taken.lowerBound - 1)) }
                next = max(next, UInt64(taken.upperBound) + 1)
                at += 1
            }
            if next <= UInt64(run.upperBound) { result.append(UInt32(next)...run.upperBound) }
        }
        return result
    }

    func count(without other: NumberRuns) -> UInt64 {
        missing(in: other).reduce(0) { $0 + UInt64($1.upperBound - $1.lowerBound) + 1 }
    }
}
