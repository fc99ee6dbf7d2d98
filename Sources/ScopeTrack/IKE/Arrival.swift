import ScopeDissect
import ScopeModel
import ScopeWire

/// One IKE message, whole, and what it came in.
struct Arrival {
    var packet: Packet
    var message: ISAKMPMessage
    var frames: [Int]
    /// Pieces that it was put together from: fragments of IKEv1, or SKF payloads of IKEv2.
    var fragments: Int
    /// What SKF payloads held that were opened one by one; nil of any other message.
    var opened: FragmentSet.Whole?
    /// What its repeats are recognised by.
    let key: Int

    init(_ message: ISAKMPMessage, in packet: Packet, frames: [Int], fragments: Int = 0) {
        self.packet = packet
        self.message = message
        self.frames = frames
        self.fragments = fragments
        // What is left of a message that was cut may be what is left of its answer as well.
        key = MessageMemory.key(
            message.isCut ? message.bytes + Self.bytes(packet.source.address.low) : message.bytes)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    /// The message as it is told.
    func event(
        _ sa: IKESA?, sender: Role, repetition: IKEMessage.Repetition? = nil, _ reading: Reading
    ) -> IKEMessage {
        IKEMessage(
            frames: frames, source: packet.source, destination: packet.destination, carrier: packet.carrier,
            message: message, ikeFragments: fragments, sa: sa,
            positionBefore: reading.positionBefore ?? sa?.phase1.position ?? 0, sender: sender, step: reading.step,
            repetition: repetition ?? reading.repetition, opening: reading.opening, natDiscovery: reading.natDiscovery,
            quickMode: reading.quickMode, liveness: reading.liveness, clearProof: reading.clearProof,
            certificates: reading.certificates, v2: reading.v2, hopLimit: packet.hopLimit,
            hasPartialChecksum: packet.hasPartialChecksum)
    }
}
