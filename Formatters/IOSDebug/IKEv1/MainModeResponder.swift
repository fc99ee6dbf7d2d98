import ScopeDissect
import ScopeModel
import ScopeWire

/// Main Mode as the device that answered it prints it.
extension MessageLines {
    mutating func writeMainModeResponder(_ number: Int) {
        if number <= 3 { out.connection = .none }
        switch number {
        case 1: takeOffer()
        case 2: sendChoice()
        case 3: takeInitiatorKey()
        case 4: sendResponderKey()
        case 5: takeInitiatorProof()
        case 6: sendResponderProof()
        default: packet(state: currentState)
        }
    }

    private mutating func takeOffer() {
        packetOfNewSA()
        out.line(.plain, "local port ", .number(localEnd.port), ", remote port ", .number(remoteEnd.port))
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_READY", "IKE_R_MM1")
        memory.remotePort = remoteEnd.port
        guard let chain, chain.contains(.sa) else { return }
        out.processing("SA")
        let vendors = VendorIDLines.all(in: chain, withSession: false)
        for vendor in vendors { vendor.write(to: out) }
        memory.heldVendorIDs = vendors
        memory.heldFrames = message.frames
    }

    private mutating func sendChoice() {
        if let vendors = memory.heldVendorIDs {
            notes.held(memory.heldFrames, by: message.frames)
            checkOffer()
            for vendor in vendors { vendor.write(to: out) }
            out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_R_MM1", "IKE_R_MM1")
            memory.heldVendorIDs = nil
        }
        if let best = chain.map(VendorIDLines.offeredNAT)?.min(by: { $0.rank < $1.rank }) {
            out.line(.blank, .literal(best.line))
        }
        packet(state: mainModeState(2))
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_COMPLETE", "IKE_R_MM1", "IKE_R_MM2")
    }

    /// Every transform up to the chosen one.
    ///
    /// The policy that took it must have refused those before it, at the first point in which they differ from it.
    func checkOffer() {
        guard let offer = sa.offer, let suite = sa.suite else { return }
        let transforms = offer.proposals.flatMap(\.transforms)
        keyFound(isLocalToo: true)
        if checkConfigured(transforms, isTaken: true) { return }
        for (index, transform) in transforms.enumerated() {
            check(transform)
            guard let difference = Phase1Choice.difference(IKESuite(transform), suite) else {
                out.line(.tight, "atts are acceptable. Next payload is 0")
                AttributeLines.lifetime(transform, to: out)
                return
            }
            out.line(.refusal, .literal(difference))
            notAcceptable(isLast: index == transforms.count - 1)
        }
    }

    private mutating func takeInitiatorKey() {
        packet(state: mainModeState(3))
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_R_MM2", "IKE_R_MM3")
        memory.remotePort = remoteEnd.port
        takeKeyExchange()
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_R_MM3", "IKE_R_MM3")
    }

    private func sendResponderKey() {
        certificateRequestsSent()
        packet(state: mainModeState(4))
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_COMPLETE", "IKE_R_MM3", "IKE_R_MM4")
    }

    private mutating func takeInitiatorProof() {
        packet(state: mainModeState(5))
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_R_MM4", "IKE_R_MM5")
        guard let chain else { return }
        var isProved = true
        if case .opened(_, _, .failed) = message.opening { isProved = false }
        memory.heldProof = SAMemory.HeldProof(
            chain: chain, isProved: isProved, peerPort: remoteEnd.port,
            hasFloated: memory.remotePort.map { $0 != remoteEnd.port } ?? false)
        memory.heldFrames = message.frames
    }

    private mutating func sendResponderProof() {
        releaseProof()
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_MAIN_MODE", "IKE_R_MM5", "IKE_R_MM5")
        proofSent()
        packet(state: mainModeState(6))
        out.transition("IKE_MESG_INTERNAL, IKE_PROCESS_COMPLETE", "IKE_R_MM5", "IKE_P1_COMPLETE")
        out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_COMPLETE", "IKE_P1_COMPLETE", "IKE_P1_COMPLETE")
    }

    /// The responder's verdict on message 5, once its answer shows that it accepted it.
    mutating func releaseProof() {
        guard local == .responder, let held = memory.heldProof else { return }
        memory.heldProof = nil
        notes.held(memory.heldFrames, by: message.frames)
        proofTaken(held.chain)
        let contact = Notifications.all(in: held.chain).first { $0.type == .initialContact }
        if let contact { notifyTaken(contact, messageID: 0) }
        guard held.isProved else { return }
        authenticated()
        out.line(.tight, "SA has been authenticated with ", .address(peer))
        if held.hasFloated { out.line(.tight, "Detected port floating to port = ", .number(held.peerPort)) }
        if contact != nil {
            authenticated()
            out.line(.tight, "Process initial contact,")
            out.continuation(
                "bring down existing phase 1 and 2 SA's with local ", .address(localEnd.address), " remote ",
                .address(peer), " remote port ", .number(held.peerPort))
        }
    }
}
