import ScopeDissect
import ScopeModel

extension IKETracker {
    /// One message, whole, and what it came in.
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

        /// The message read as one of a phase 1 whose payload bodies are encrypted one by one, if it is one.
        func read(as step: Step, of state: SAState) -> Arrival {
            guard step.isOfSetUp else { return self }
            let sealing = state.sealing
            guard sealing != .none, message.ciphertext.isEmpty,
                let message = try? ISAKMPMessage(bytes: message.bytes, sealing: sealing)
            else { return self }
            var arrival = self
            arrival.message = message
            return arrival
        }

        /// The message as it is told.
        func event(
            _ sa: IKESA?, positionBefore: Int? = nil, sender: Role, step: Step,
            repetition: IKEMessage.Repetition = .first, _ reading: Reading = Reading()
        ) -> IKEMessage {
            IKEMessage(
                frames: frames, source: packet.source, destination: packet.destination, carrier: packet.carrier,
                message: message, ikeFragments: fragments, sa: sa, positionBefore: positionBefore ?? sa?.position ?? 0,
                sender: sender, step: step, repetition: repetition, opening: reading.opening,
                natDiscovery: reading.natDiscovery, quickMode: reading.quickMode, liveness: reading.liveness,
                clearProof: reading.clearProof, certificates: reading.certificates, hopLimit: packet.hopLimit,
                hasPartialChecksum: packet.hasPartialChecksum)
        }
    }

    /// What was made of the content of a message.
    struct Reading {
        var opening = Opening.clear
        var clearProof = Proof.notChecked
        var natDiscovery: [NATDiscoveryMatch] = []
        var certificates: CertificateReport?
        var quickMode: ChildNegotiation?
        var liveness: Liveness?
    }
}
