import ScopeDissect
import ScopeModel
import ScopeWire

/// The router lines of one IKEv1 message, as the device in the role `local` prints them.
struct MessageLines: DeviceLines {
    var out: LineWriter
    let message: IKEMessage
    let sa: IKESA
    /// The role of the chosen device in phase 1, also in exchanges that the other side began.
    let local: Role
    let time: Instant
    let memory: SAMemory
    let installed: InstalledSAs
    /// What the Delete payloads of the message name.
    let deleted: SPIsNamedByDelete
    /// The key that each side was seen to use before this message.
    let usedKeys: UsedKeys
    let notes: AnnotationWriter
    /// What the device's configuration tells, where it was given.
    let knowledge: (any DeviceKnowledge)?

    var messageID: UInt32 { message.message.header.messageID }
    var chain: PayloadChain? { message.readable }

    mutating func write() {
        out.connection = ConnectionNumber(sa)
        if case .sighting = message.repetition { return }
        if case .reflection = message.repetition { return }
        if case .retransmission = message.repetition {
            writeRetransmission()
            return
        }
        if isForeignKey {
            packet(state: currentState)
            return
        }
        if !isOutgoing || !message.step.isInformational { releaseRemoval() }
        if case .v1(.mainMode) = message.step {} else if sa.isUp { releaseProof() }
        switch message.step {
        case .v1(.mainMode(let number)):
            if local == .initiator { writeMainModeInitiator(number) } else { writeMainModeResponder(number) }
            memory.phase1End = number == 6 ? time : nil
        case .v1(.quickMode(let number)): writeQuickMode(number)
        case .v1(.informational): writeInformational()
        case .v1(.aggressive(let number)): writeAggressive(number)
        case .v1(.transaction): writeTransaction()
        case .v1(.newGroup): packet(state: nil)
        case .v1(.groupKeyPull), .v1(.groupKeyPush), .v1(.other), .v2, .other: break
        }
        if case .v1(.mainMode) = message.step {} else { memory.phase1End = nil }
    }

    /// An encrypted message that we can read, but the chosen device cannot: it uses another key.
    private var isForeignKey: Bool {
        guard !isOutgoing, case .opened(_, let key, _) = message.opening, let own = usedKeys[local] else {
            return false
        }
        return key != own
    }
}
