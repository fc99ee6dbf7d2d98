import ScopeDissect
import ScopeModel
import ScopeWire

/// Main Mode as the device that began it prints it.
extension MessageLines {
    mutating func writeMainModeInitiator(_ number: Int) {
        if number <= 4 { out.connection = .none }
        switch number {
        case 1: sendOffer()
        case 2: takeChoice()
        case 3: sendInitiatorKey()
        case 4: takeResponderKey()
        case 5: sendInitiatorProof()
        case 6: takeResponderProof()
        default: packet(state: currentState)
        }
    }

    private func sendOffer() {
        saRequestConfigured()
        out.line(.plain, "local port ", .number(localEnd.port), ", remote port ", .number(remoteEnd.port))
        keyFound()
        for vendor in chain.map(VendorIDLines.offeredNAT) ?? [] { out.line(.blank, .literal(vendor.line)) }
        out.transition("IKE_MESG_FROM_IPSEC, IKE_SA_REQ_MM", "IKE_READY", "IKE_I_MM1")
        out.line(.blank, "beginning Main Mode exchange")
        packet(state: mainModeState(1))
    }

    private func takeChoice() {
        packet(state: mainModeState(2))
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_I_MM1", "IKE_I_MM2")
        guard let chain, case .sa(let answer) = chain.first(.sa)?.content else { return }
        out.processing("SA")
        let vendors = VendorIDLines.all(in: chain, withSession: false)
        for vendor in vendors { vendor.write(to: out) }
        guard let chosen = answer.proposals.first?.transforms.first else { return }
        keyFound(isLocalToo: true)
        let isOffered = sa.offer.map { Phase1Choice.isOffered(IKESuite(chosen), in: $0) } ?? true
        if !isOffered || !checkConfigured([chosen], isTaken: true) {
            check(chosen)
            // An answer that was never offered is no choice: what the device says then is not known.
            guard isOffered else { return }
            out.line(.tight, "atts are acceptable. Next payload is 0")
            AttributeLines.lifetime(chosen, to: out)
        }
        for vendor in vendors { vendor.write(to: out) }
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_I_MM2", "IKE_I_MM2")
    }

    private func sendInitiatorKey() {
        certificateRequestsSent()
        packet(state: mainModeState(3))
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_COMPLETE", "IKE_I_MM2", "IKE_I_MM3")
    }

    private mutating func takeResponderKey() {
        packet(state: mainModeState(4))
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_I_MM3", "IKE_I_MM4")
        takeKeyExchange()
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_I_MM4", "IKE_I_MM4")
    }

    private func sendInitiatorProof() {
        proofSent()
        packet(state: mainModeState(5))
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_COMPLETE", "IKE_I_MM4", "IKE_I_MM5")
    }

    private func takeResponderProof() {
        packet(state: mainModeState(6))
        if let chain {
            proofTaken(chain)
            for notification in Notifications.all(in: chain) { notifyTaken(notification, messageID: 0) }
        }
        if case .opened(_, _, .failed) = message.opening { return }
        if chain != nil {
            authenticated()
            out.line(.tight, "SA has been authenticated with ", .address(peer))
        }
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_I_MM5", "IKE_I_MM6")
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_I_MM6", "IKE_I_MM6")
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_COMPLETE", "IKE_I_MM6", "IKE_P1_COMPLETE")
    }
}
