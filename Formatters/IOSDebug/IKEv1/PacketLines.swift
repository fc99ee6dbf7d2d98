import ScopeDissect
import ScopeModel
import ScopeWire

/// `received packet from …` and `sending packet to …`, and the state that stands behind them.
extension MessageLines {
    /// The line of this message's packet, and for one that leaves the line that follows it.
    ///
    /// Nil: a state that the capture does not tell.
    func packet(state: StaticString?) { packet(local == .initiator ? "(I) " : "(R) ", .word(state)) }

    /// The first packet of an IKE SA, as the responder sees it.
    func packetOfNewSA() { packet("(N) NEW SA", "") }

    private func packet(_ side: Part, _ state: Part) {
        if isOutgoing {
            out.line(
                .packetOut, "sending packet to ", .address(peer), " my_port ", .number(localEnd.port), " peer_port ",
                .number(remoteEnd.port), " ", side, state)
            out.line(.tight, "Sending an IKE ", peer.isV6 ? "IPv6" : "IPv4", " Packet.")
        } else {
            out.line(
                .packetIn, "received packet from ", .address(peer), " dport ", .number(localEnd.port), " sport ",
                .number(remoteEnd.port), " Global ", side, state)
        }
    }

    /// The state that Main Mode message `number` is printed with: the new one when it leaves, the old one when it
    /// arrives.
    ///
    /// The responder's side of message 1 is `(N) NEW SA` instead.
    func mainModeState(_ number: Int) -> StaticString {
        let isInitiator = local == .initiator
        switch number {
        case ...2: return isInitiator ? "MM_NO_STATE" : "MM_SA_SETUP"
        case 3: return "MM_SA_SETUP"
        case 4: return isInitiator ? "MM_SA_SETUP" : "MM_KEY_EXCH"
        default: return "MM_KEY_EXCH"
        }
    }

    /// The state of the SA between messages; QM_IDLE is padded to 13 columns.
    var currentState: StaticString {
        if memory.isGone, memory.removal == nil { return "MM_NO_STATE" }
        if sa.isUp { return "QM_IDLE      " }
        if sa.phase1.mode == .aggressive { return "AG_INIT_EXCH" }
        return switch sa.phase1.position {
        case ...1: "MM_NO_STATE"
        case 2...3: "MM_SA_SETUP"
        default: "MM_KEY_EXCH"
        }
    }

    /// The long state of phase 1 between messages.
    var phase1State: StaticString? {
        if sa.isUp { return "IKE_P1_COMPLETE" }
        guard sa.phase1.mode == .main || sa.phase1.mode == nil else { return nil }
        return switch (local, sa.phase1.position) {
        case (.initiator, 1): "IKE_I_MM1"
        case (.initiator, 2): "IKE_I_MM2"
        case (.initiator, 3): "IKE_I_MM3"
        case (.initiator, 4): "IKE_I_MM4"
        case (.initiator, 5): "IKE_I_MM5"
        case (.initiator, 6): "IKE_I_MM6"
        case (.responder, 1): "IKE_R_MM1"
        case (.responder, 2): "IKE_R_MM2"
        case (.responder, 3): "IKE_R_MM3"
        case (.responder, 4): "IKE_R_MM4"
        case (.responder, 5...): "IKE_R_MM5"
        default: nil
        }
    }

    /// Whether the device of this side has the keys: its lines then carry the real conn-id.
    var hasKeys: Bool {
        sa.isUp || sa.phase1.position >= (sa.phase1.mode == .aggressive ? 2 : local == .initiator ? 4 : 3)
    }
}
