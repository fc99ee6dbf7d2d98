import ScopeDissect
import ScopeModel
import ScopeWire

/// The router lines of one IKEv2 message, as the device in the role `local` prints them.
///
/// Each function writes the lines of one step of an exchange; `trace` and `dump` stand among them where `internal` and
/// `packet` have theirs.
struct IKEv2Lines: DeviceLines {
    var out: LineWriter
    let message: IKEMessage
    let step: IKEv2Step
    let sa: IKESA
    /// The role of the chosen device in the IKE SA, also in exchanges that the other side began.
    let local: Role
    let memory: IKEv2Memory
    let installed: InstalledSAs
    /// What the Delete payloads of the message name.
    var deleted: SPIsNamedByDelete
    let notes: AnnotationWriter
    /// What the device's configuration tells, where it was given.
    let knowledge: (any DeviceKnowledge)?
    let details: IKEv2Details
    /// The session and the slot of the IKE SA at this device.
    var numbers: DeviceNumbers
    /// Those of the IKE SA that the message makes in place of this one.
    let successor: DeviceNumbers?
    /// The last line has no line end yet: what follows decides whether a blank stands behind it.
    var isLineOpen = false
    /// The device waits for a packet, so that the next line is one.
    var awaitsPacket = false
    /// The message id that states of exchanges are printed with.
    var tracedID: UInt32 = 0

    var header: ISAKMPHeader { message.message.header }
    /// What can be read of the message.
    var chain: PayloadChain? { message.readable }
    /// The role of the device in this exchange: the one that asked is its initiator.
    var side: Role { isOutgoing != step.isResponse ? .initiator : .responder }

    mutating func write() {
        tracedID = step.messageID
        switch message.repetition {
        case .sighting, .reflection: return
        case .retransmission: writeRepeated()
        case .first: writeFirst()
        }
        if awaitsPacket { endLineAtPacket() } else { endLine() }
    }

    private mutating func writeFirst() {
        switch (step.exchange, step.isResponse, isOutgoing) {
        case (.ikeSAInit, false, true): sendInit()
        case (.ikeSAInit, false, false): takeInit()
        case (.ikeSAInit, true, true): answerInit()
        case (.ikeSAInit, true, false): takeInitAnswer()
        case (.ikeAuth, false, true): sendAuth()
        case (.ikeAuth, false, false): takeAuth()
        case (.ikeAuth, true, true): answerAuth()
        case (.ikeAuth, true, false): takeAuthAnswer()
        case (.createChildSA, false, true): sendChild()
        case (.createChildSA, false, false): takeChild()
        case (.createChildSA, true, true): answerChild()
        case (.createChildSA, true, false): takeChildAnswer()
        case (.informationalV2, false, true): sendInformational()
        case (.informationalV2, false, false): takeInformational()
        case (.informationalV2, true, true): answerInformational()
        case (.informationalV2, true, false): takeInformationalAnswer()
        default: writeOther()
        }
    }

    /// An exchange of which no device has shown its lines: the packet alone is told.
    private mutating func writeOther() {
        building()
        packet()
        if step.exchange == .ikeFollowupKE, step.isResponse, chain?.notify(.additionalKeyExchange) == nil { install() }
    }

    /// A message that is sent again is told by its sender; who gets a request again says nothing but its answer.
    private mutating func writeRepeated() {
        switch (isOutgoing, step.isResponse) {
        case (true, false):
            say("Retransmitting packet")
            packet()
        case (true, true): packet()
        case (false, true):
            packet()
            error("Received an IKE msg id outside supported window")
        case (false, false): break
        }
    }
}
