import ScopeDissect
import ScopeModel

/// One IKE message, whole, and what it came in.
struct Arrival {
    var packet: Packet
    var message: ISAKMPMessage
    var frames: [Int]
    /// IKEv1 fragments that it was put together from.
    var fragments: Int
    /// What its repeats are recognised by.
    let key: Int

    init(_ message: ISAKMPMessage, in packet: Packet, frames: [Int], fragments: Int = 0) {
        self.packet = packet
        self.message = message
        self.frames = frames
        self.fragments = fragments
        key = MessageMemory.key(message.bytes)
    }

    /// The message as it is told.
    func event(
        _ sa: IKESA?, sender: Role, repetition: IKEMessage.Repetition = .first, _ reading: Reading
    ) -> IKEMessage {
        IKEMessage(
            frames: frames, source: packet.source, destination: packet.destination, carrier: packet.carrier,
            message: message, ikeFragments: fragments, sa: sa,
            positionBefore: reading.positionBefore ?? sa?.phase1.position ?? 0, sender: sender, step: reading.step,
            repetition: repetition, opening: reading.opening, natDiscovery: reading.natDiscovery,
            quickMode: reading.quickMode, liveness: reading.liveness, clearProof: reading.clearProof,
            certificates: reading.certificates, hopLimit: packet.hopLimit,
            hasPartialChecksum: packet.hasPartialChecksum)
    }
}
