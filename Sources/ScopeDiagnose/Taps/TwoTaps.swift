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
    private(set) var times: [[Key: [UInt32: Instant]]] = [[:], [:]]

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
            if case .sighting = packet.repetition { return }
            note(
                packet.sequence, of: Key(spi: packet.spi, isAH: false), from: packet.source, to: packet.destination,
                event, at: tap)
        case .ah(let packet) where packet.enclosure.depth == 0:
            if case .sighting = packet.repetition { return }
            note(
                packet.sequence, of: Key(spi: packet.spi, isAH: true), from: packet.source, to: packet.destination,
                event, at: tap)
        case .ikeMessage(let message): note(message, event, tap)
        default: break
        }
    }

    private func note(
        _ sequence: UInt32, of key: Key, from source: Endpoint, to destination: Endpoint, _ event: Event, at tap: Tap
    ) {
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
        guard case .first = message.repetition, messages[tap.rawValue].count < Self.mostMessages,
            message.message.hasBytes
        else { return }
        var hasher = Hasher()
        message.message.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        messages[tap.rawValue][hasher.finalize()] = Message(
            time: event.time, frame: event.frame, source: message.source, destination: message.destination,
            initiator: message.sa?.initiator.address ?? message.source.address)
    }
}
