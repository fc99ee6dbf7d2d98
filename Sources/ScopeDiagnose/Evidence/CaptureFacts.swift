import ScopeDissect
import ScopeModel
import ScopeWire

/// What was seen that concerns the capture as a whole, or belongs to no IKE SA.
struct CaptureFacts {
    /// The first frames of packets that are in the capture already, and how many such packets there are.
    private(set) var sightings: [Int] = []
    private(set) var sightingCount = 0
    /// Packets that the capturing system lost.
    private(set) var losses: UInt64 = 0
    /// The first frames whose time is before that of the frame before them.
    private(set) var backwards: [Int] = []
    /// Whether the time stamps tell the time.
    private(set) var clock = CaptureClock()
    /// UDP packets that were cut before their ports, which may be IKE.
    private(set) var cutUDP = CutUDP()
    /// Of the latest event that a frame made.
    private(set) var lastTime: Instant?
    private(set) var copies = Copies()
    private(set) var reuse = ReuseMemory()
    /// IKE messages with the checksum of the pseudo-header alone, and who sent them.
    private(set) var partial: [Int] = []
    private(set) var partialCount = 0
    private(set) var partialSender: IPAddress?

    mutating func note(_ event: Event) {
        if case .captureLoss(let count) = event.kind { losses = losses.addingClamped(count) }
        switch event.kind {
        case .esp(let packet):
            if case .sighting = packet.repetition { sighting(event) }
            note(
                packet.repetition, event, hopLimit: packet.hopLimit, packet.source.address,
                packet.destination.address)
        case .ah(let packet): if case .sighting = packet.repetition { sighting(event) }
        case .ikeMessage(let message):
            note(
                message.repetition, event, hopLimit: message.hopLimit, message.source.address,
                message.destination.address)
            guard message.hasPartialChecksum else { break }
            partialCount += 1
            partialSender = partialSender ?? message.source.address
            if partial.count < 16 { partial.append(event.frame) }
        default: break
        }
        guard let origin = event.origin else { return }
        clock.note(origin)
        if let lastTime, event.time < lastTime, lastTime.since(event.time) > 1_000_000_000, backwards.count < 16 {
            backwards.append(event.frame)
        }
        lastTime = event.time
    }

    private mutating func note(
        _ repetition: IKEMessage.Repetition, _ event: Event, hopLimit: UInt8, _ source: IPAddress,
        _ destination: IPAddress
    ) {
        copies.note(event)
        switch repetition {
        case .first, .reflection: break
        case .sighting(let first): copies.again(first, event, hopLimit: hopLimit, source, destination)
        case .retransmission(let first, _): copies.same(first, event)
        }
    }

    /// Notes a message of an IKE SA that is followed.
    mutating func note(_ message: IKEMessage, _ event: Event) { reuse.note(message, event) }

    /// Notes a UDP packet without ports.
    mutating func note(_ cut: CutPacket, _ event: Event) { cutUDP.note(cut, event.frame) }

    mutating func sighting(_ event: Event) {
        sightingCount += 1
        if sightings.count < 16 { sightings.append(event.frame) }
    }
}
