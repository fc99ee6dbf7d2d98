import ScopeDissect
import ScopeModel
import ScopeWire

/// Quick Mode, from the side that began it and from the side that answered. Either can be the initiator of phase 1.
extension MessageLines {
    mutating func writeQuickMode(_ number: Int) {
        if !hasKeys { out.connection = .none }
        let exchange = message.quickMode ?? ChildNegotiation(messageID: messageID, initiatedBy: message.sender)
        switch (number, exchange.initiatedBy == local) {
        case (1, true): beginQuickMode(exchange)
        case (2, true): takeQuickModeAnswer(exchange)
        case (3, true): confirmQuickMode(exchange)
        case (1, false): takeQuickModeOffer(exchange)
        case (2, false): answerQuickMode(exchange)
        case (3, false): takeQuickModeConfirmation(exchange)
        default: packet(state: currentState)
        }
    }

    // MARK: The side that begins

    private mutating func beginQuickMode(_ exchange: ChildNegotiation) {
        // The first one of phase 1's initiator follows phase 1 by itself; any other is a request to a living SA.
        let isFirst = !memory.hasQuickMode && local == .initiator
        memory.hasQuickMode = true
        if !isFirst {
            if chain != nil { saRequest(exchange) }
            out.newNode(0)
            out.line(
                .tight, "SA has outstanding requests  (local ", .address(localEnd.address), " port ",
                .number(localEnd.port), ", remote ", .address(peer), " port ", .number(remoteEnd.port), ")")
            out.line(.blank, "sitting IDLE. Starting QM immediately (QM_IDLE      )")
        }
        out.line(.tight, "beginning Quick Mode exchange, M-ID of ", .messageID(messageID))
        memory.addNode(messageID, at: time)
        memory.begin(quickMode: messageID, spi: exchange.offer?.proposals.first?.spiNumber)
        out.line(.tight, "QM Initiator gets spi")
        packet(state: currentState)
        out.transition(node: messageID, "IKE_MESG_INTERNAL, IKE_INIT_QM", "IKE_QM_READY", "IKE_QM_I_QM1")
        if isFirst, sa.phase1.position > 0, !memory.hasToldPhase1End {
            out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_COMPLETE", "IKE_P1_COMPLETE", "IKE_P1_COMPLETE")
        }
    }

    private mutating func takeQuickModeAnswer(_ exchange: ChildNegotiation) {
        memory.answered(quickMode: messageID)
        packet(state: currentState)
        guard let chain else { return }
        if chain.contains(.hash) { out.processing("HASH", messageID: messageID) }
        if case .sa(let answer) = chain.first(.sa)?.content {
            out.processing("SA", messageID: messageID)
            originalAddresses(chain)
            for (proposal, part) in QuickModeChoice.parts(answer) {
                check(proposal, part: part, of: exchange) { _ in }
            }
        }
        quickModeFacts(chain)
    }

    private mutating func confirmQuickMode(_ exchange: ChildNegotiation) {
        beginInstall(exchange, input: "IKE_MESG_FROM_PEER, IKE_QM_EXCH", from: "IKE_QM_I_QM1")
        packet(state: currentState)
        out.deleteNode(messageID, reason: "No Error")
        finishInstall(
            exchange, classic: ("IKE_MESG_FROM_PEER, IKE_QM_EXCH", "IKE_QM_I_QM1"), "IKE_QM_PHASE2_COMPLETE")
    }

    // MARK: The side that answers

    private mutating func takeQuickModeOffer(_ exchange: ChildNegotiation) {
        memory.hasQuickMode = true
        packet(state: currentState)
        out.newNode(messageID)
        memory.addNode(messageID, at: time)
        memory.hold(SAMemory.HeldQuickMode(exchange: exchange, frames: message.frames))
        guard let chain else { return }
        if chain.contains(.hash) { out.processing("HASH", messageID: messageID) }
        if chain.contains(.sa) { out.processing("SA", messageID: messageID) }
        originalAddresses(chain)
    }

    private mutating func answerQuickMode(_ exchange: ChildNegotiation) {
        releaseOffer(exchange)
        beginInstall(exchange, input: "IKE_MESG_INTERNAL, IKE_GOT_SPI", from: "IKE_QM_SPI_STARVE")
        packet(state: currentState)
        finishInstall(exchange, classic: ("IKE_MESG_INTERNAL, IKE_GOT_SPI", "IKE_QM_SPI_STARVE"), "IKE_QM_R_QM2")
    }

    private mutating func takeQuickModeConfirmation(_ exchange: ChildNegotiation) {
        releaseOffer(exchange)
        packet(state: currentState)
        out.deleteNode(messageID, reason: "QM done (await)")
        out.transition(
            node: messageID, "IKE_MESG_FROM_PEER, IKE_QM_EXCH", "IKE_QM_R_QM2", "IKE_QM_PHASE2_COMPLETE")
        enableOutbound(exchange)
    }

    /// The responder's verdict on message 1, once its answer shows that it accepted it.
    ///
    /// It knew the proposals before the chosen one, but no policy wanted them.
    private mutating func releaseOffer(_ exchange: ChildNegotiation) {
        guard let held = memory.release(quickMode: messageID) else { return }
        notes.held(held.frames, by: message.frames)
        if let offer = exchange.offer, let answer = exchange.answer {
            let last = answer.proposals.map(\.number).max() ?? 0
            for (proposal, part) in QuickModeChoice.parts(offer) where proposal.number <= last {
                let chosen = answer.proposals.first { $0.number == proposal.number }.flatMap { taken in
                    taken.transforms.first.map { ChildSuite($0, of: taken.protocolID) }
                }
                check(proposal, part: part, of: held.exchange, until: chosen) { self.invalidated(error: nil, out: $0) }
            }
        }
        let facts = held.exchange
        if exchange.initiatorNonce != nil { out.processing("NONCE", messageID: messageID) }
        if exchange.initiatorKE != nil { out.processing("KE", messageID: messageID) }
        if facts.initiatorProxy != nil { out.processing("ID", messageID: messageID) }
        if facts.responderProxy != nil { out.processing("ID", messageID: messageID) }
        out.line(.tight, "QM Responder gets spi")
        out.transition(
            node: messageID, "IKE_MESG_FROM_PEER, IKE_QM_EXCH", "IKE_QM_READY", "IKE_QM_SPI_STARVE")
    }

    // MARK: Parts

    /// One proposal with its transforms, up to the chosen one: `refused` is called behind each before it.
    ///
    /// "acceptable" only says that the attributes are known.
    func check(
        _ proposal: Proposal, part: Int, of exchange: ChildNegotiation, until chosen: ChildSuite? = nil,
        refused: (LineWriter) -> Void
    ) {
        out.line(.tight, "Checking IPSec proposal ", .number(proposal.number))
        for transform in proposal.transforms {
            let suite = ChildSuite(transform, of: proposal.protocolID)
            out.line(
                .plain, "transform ", .number(transform.number), ", ",
                .word(AttributeLines.transformName(suite)))
            out.line(.plainTight, "   attributes in transform:")
            AttributeLines.ipsec(transform, to: out)
            out.line(.tight, "atts are acceptable.")
            validate(suite, part: part, of: exchange)
            if let chosen, suite.differences(from: chosen).isEmpty { return }
            refused(out)
        }
    }

    func invalidated(error: UInt8?, out: LineWriter) {
        if error == 32 { out.ipsec("IPSEC(ipsec_process_proposal): proxy identities not supported") }
        out.line(
            .refusalBlank, "IPSec policy invalidated proposal with error ", error.map { .number($0) } ?? .unknown)
    }

    private func quickModeFacts(_ chain: PayloadChain) {
        if chain.contains(.nonce) { out.processing("NONCE", messageID: messageID) }
        if chain.contains(.keyExchange) { out.processing("KE", messageID: messageID) }
        for _ in chain.all(.identification) { out.processing("ID", messageID: messageID) }
        for notification in Notifications.all(in: chain) { notifyTaken(notification, messageID: messageID) }
    }

    /// The addresses that NAT took out of transport mode (RFC 3947 section 5.2): the initiator's comes first.
    private func originalAddresses(_ chain: PayloadChain) {
        let contents: [IdentificationPayload] = chain.payloads.compactMap {
            if case .natOriginalAddress(let content) = $0.content { content } else { nil }
        }
        for (index, content) in contents.prefix(2).enumerated() {
            guard case .address(let address) = content.identity else { continue }
            out.line(
                .spaced, "processing NAT-OA", .literal(index == 0 ? "i" : "r"), " payload. addr = ",
                .address(address), ", message ID = ", .messageID(messageID))
        }
    }
}

/// Facts of an answer that its lines need.
enum QuickModeChoice {
    /// The proposals, each with its place among those of its number: several protocols can be proposed together.
    static func parts(_ payload: SAPayload) -> [(proposal: Proposal, part: Int)] {
        var counts: [UInt8: Int] = [:]
        return payload.proposals.map { proposal in
            counts[proposal.number, default: 0] += 1
            return (proposal, counts[proposal.number] ?? 1)
        }
    }

    /// A proxy identity as the bare address that IOS prints of it; without one it is the peer itself.
    static func network(_ identification: IdentificationPayload?, of peer: IPAddress) -> Part {
        switch identification?.identity {
        case nil: .address(peer)
        case .address(let address), .subnet(let address, _): .address(address)
        case .some: .unknown
        }
    }
}
