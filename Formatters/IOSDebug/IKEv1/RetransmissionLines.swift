import ScopeDissect
import ScopeModel
import ScopeWire

/// A message that was sent again, as its sender and as its receiver print it. The error counters are left out: they
/// are the device's own.
extension MessageLines {
    mutating func writeRetransmission() {
        if !hasKeys { out.connection = .none }
        switch message.step {
        case .v1(.mainMode(let number)):
            if isOutgoing { repeatMainMode(number) } else { takeDuplicate() }
        case .v1(.quickMode):
            if isOutgoing {
                out.line(.blank, "retransmitting phase 2 QM_IDLE       ", .messageID(messageID), " ...")
            }
            packet(state: currentState)
        default: packet(state: currentState)
        }
    }

    private func repeatMainMode(_ number: Int) {
        out.line(.blank, "retransmitting phase 1 ", .literal(mainModeState(number)), "...")
        out.line(.blank, "retransmitting phase 1 ", .literal(mainModeState(number)))
        packet(state: mainModeState(number))
    }

    private func takeDuplicate() {
        packet(state: currentState)
        out.line(.blank, "phase 1 packet is a duplicate of a previous packet.")
        out.line(.blank, "retransmitting due to retransmit phase 1")
    }
}
