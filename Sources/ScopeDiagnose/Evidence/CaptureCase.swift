import ScopeDissect
import ScopeModel
import ScopeWire

/// What concerns the capture as a whole, or belongs to no IKE SA.
struct CaptureCase {
    private var sightings: [Int] = []
    private var sightingCount = 0
    private(set) var losses: UInt64 = 0
    private var backwards: [Int] = []
    private var lastTime: Instant?
    private var copies = Copies()
    /// IKE messages with the checksum of the pseudo-header alone, and who sent them.
    private var partial: [Int] = []
    private var partialCount = 0
    private var partialSender: IPAddress?
    var flood = HalfOpenFlood()

    mutating func note(_ event: Event) {
        if case .captureLoss(let count) = event.kind { losses = losses.addingClamped(count) }
        switch event.kind {
        case .esp(let packet):
            if case .sighting = packet.repetition { sighting(event) }
            note(packet.repetition, event, packet.hopLimit, packet.source.address, packet.destination.address)
        case .ah(let packet): if case .sighting = packet.repetition { sighting(event) }
        case .ikeMessage(let message):
            note(message.repetition, event, message.hopLimit, message.source.address, message.destination.address)
            guard message.hasPartialChecksum else { break }
            partialCount += 1
            partialSender = partialSender ?? message.source.address
            if partial.count < 16 { partial.append(event.frame) }
        default: break
        }
        guard event.origin != nil else { return }
        if let lastTime, event.time < lastTime, lastTime.since(event.time) > 1_000_000_000, backwards.count < 16 {
            backwards.append(event.frame)
        }
        lastTime = event.time
    }

    private mutating func note(
        _ repetition: IKEMessage.Repetition, _ event: Event, _ hopLimit: UInt8, _ source: IPAddress,
        _ destination: IPAddress
    ) {
        copies.note(event)
        switch repetition {
        case .first: break
        case .sighting(let first): copies.again(first, event, hopLimit: hopLimit, source, destination)
        case .retransmission(let first, _): copies.same(first, event)
        }
    }

    mutating func sighting(_ event: Event) {
        sightingCount += 1
        if sightings.count < 16 { sightings.append(event.frame) }
    }

    var findings: [Finding] {
        var list: [Finding] = []
        if sightingCount > 0 {
            list.append(
                Finding(
                    "cap-duplicates", .note, .proved, .capture, peers: [], frames: sightings,
                    summary: "\(Words.count(sightingCount, "packet")) are in the capture twice",
                    evidence: [
                        "the same packet at two points of its way, or twice at one (a mirror port); each counts once"
                    ]))
        }
        if losses > 0 {
            list.append(
                Finding(
                    "cap-drops", .note, .proved, .capture, peers: [], frames: [],
                    summary: "the capturing system lost \(losses) packets",
                    evidence: ["what is missing may have been lost here"],
                    advice: [Finding.Advice("capture with a filter, and a larger buffer")]))
        }
        if !backwards.isEmpty {
            list.append(
                Finding(
                    "cap-time-step", .note, .proved, .capture, peers: [], frames: backwards,
                    summary: "the clock of the capture goes backwards", evidence: ["intervals across it mean nothing"]))
        }
        return list + copies.findings + flood.findings
    }

    /// Facts of the capture that change nothing of what else is said: they come last.
    var facts: [Finding] {
        var list: [Finding] = []
        if partialCount > 0 {
            let sender = partialSender.map { " of \($0)" } ?? ""
            list.append(
                Finding(
                    "cap-offload", .note, .proved, .capture, peers: [], frames: partial,
                    summary: "this capture was made on a sender: the network card had not finished its packets",
                    evidence: [
                        "the UDP checksum of \(Words.count(partialCount, "IKE message"))\(sender) covers the addresses alone: it was right on the wire",
                        "large packets may be cut into smaller ones, or put together, where this capture does not see it",
                    ],
                    advice: [
                        Finding.Advice(
                            "capture on the wire, or switch offloading off: ethtool -K IF tx off gso off gro off",
                            ios: ["monitor session 1 source interface IF both"])
                    ]))
        }
        return list
    }
}
