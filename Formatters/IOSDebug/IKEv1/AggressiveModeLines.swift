import ScopeDissect
import ScopeModel
import ScopeWire

/// Aggressive Mode (RFC 2409 section 5.4) as either side prints it.
///
/// The conn-id is known behind the nonces, and the identity comes before the vendor ids: both unlike Main Mode.
extension MessageLines {
    mutating func writeAggressive(_ number: Int) {
        if number <= 2 { out.connection = .none }
        switch (number, local) {
        case (1, .initiator): beginAggressive()
        case (2, .initiator): takeAggressiveAnswer()
        case (3, .initiator): confirmAggressive()
        case (1, .responder): takeAggressiveOffer()
        case (2, .responder): answerAggressive()
        case (3, .responder): takeAggressiveProof()
        default: packet(state: "AG_INIT_EXCH")
        }
    }

    // MARK: The initiator

    private func beginAggressive() {
        saRequestConfigured()
        out.line(.plain, "local port ", .number(localEnd.port), ", remote port ", .number(remoteEnd.port))
        for vendor in chain.map(VendorIDLines.offeredNAT) ?? [] { out.line(.blank, .literal(vendor.line)) }
        IdentityLines.own(chain, method: offeredMethod, to: out)
        out.transition("IKE_MESG_FROM_IPSEC, IKE_SA_REQ_AM", "IKE_READY", "IKE_I_AM1")
        out.line(.blank, "beginning Aggressive Mode exchange")
        packet(state: "AG_INIT_EXCH")
    }

    private mutating func takeAggressiveAnswer() {
        packet(state: "AG_INIT_EXCH")
        guard let chain else { return }
        if chain.contains(.sa) { out.processing("SA") }
        identityTaken(chain)
        for vendor in VendorIDLines.all(in: chain, withSession: false) { vendor.write(to: out) }
        xauthMethod()
        if case .sa(let answer) = chain.first(.sa)?.content, let chosen = answer.proposals.first?.transforms.first {
            check(chosen)
            let isOffered = sa.offer.map { Phase1Choice.isOffered(IKESuite(chosen), in: $0) } ?? true
            guard isOffered else { return }
            out.line(.tight, "atts are acceptable. Next payload is 0")
            AttributeLines.lifetime(chosen, to: out)
        }
        keysTaken(chain)
        out.connection = ConnectionNumber(sa)
        certificatesTaken(chain)
        natDiscovery(chain)
    }

    private func confirmAggressive() {
        let notifications = chain.map(Notifications.all) ?? []
        // This message shows that the device took the answer: a device that refuses it sends none.
        authenticated()
        out.line(.tight, "SA has been authenticated with ", .address(peer))
        if notifications.contains(where: { $0.type == .initialContact }) { out.line(.tight, "Send initial contact") }
        packet(state: "AG_INIT_EXCH")
        out.transition("IKE_MESG_FROM_PEER, IKE_AM_EXCH", "IKE_I_AM1", "IKE_P1_COMPLETE")
    }

    // MARK: The responder

    private mutating func takeAggressiveOffer() {
        packetOfNewSA()
        out.line(.plain, "local port ", .number(localEnd.port), ", remote port ", .number(remoteEnd.port))
        memory.remotePort = remoteEnd.port
        guard let chain, chain.contains(.sa) else { return }
        out.processing("SA")
        identityTaken(chain)
        let vendors = VendorIDLines.all(in: chain, withSession: false)
        for vendor in vendors { vendor.write(to: out) }
        // The answer will show the result of this check.
        memory.heldVendorIDs = vendors
        memory.heldFrames = message.frames
        memory.heldOffer = chain
    }

    private mutating func answerAggressive() {
        if let offer = memory.heldOffer {
            notes.held(memory.heldFrames, by: message.frames)
            xauthMethod()
            checkOffer()
            keysTaken(offer)
            memory.heldOffer = nil
            memory.heldVendorIDs = nil
        }
        out.connection = ConnectionNumber(sa)
        out.transition("IKE_MESG_FROM_PEER, IKE_AM_EXCH", "IKE_READY", "IKE_R_AM_AAA_AWAIT")
        if let best = chain.map(VendorIDLines.offeredNAT)?.min(by: { $0.rank < $1.rank }) {
            out.line(.blank, .literal(best.line))
        }
        proofSent()
        packet(state: "AG_INIT_EXCH")
        out.transition("IKE_MESG_FROM_AAA, PRESHARED_KEY_REPLY", "IKE_R_AM_AAA_AWAIT", "IKE_R_AM2")
    }

    private func takeAggressiveProof() {
        packet(state: "AG_INIT_EXCH")
        guard let chain else { return }
        certificatesTaken(chain)
        natDiscovery(chain)
        for notification in Notifications.all(in: chain) { notifyTaken(notification, messageID: 0) }
        if case .opened(_, _, .failed) = message.opening { return }
        authenticated()
        out.line(.tight, "SA has been authenticated with ", .address(peer))
        if memory.remotePort.map({ $0 != remoteEnd.port }) ?? false {
            out.line(.tight, "Detected port floating to port = ", .number(remoteEnd.port))
        }
        out.transition("IKE_MESG_FROM_PEER, IKE_AM_EXCH", "IKE_R_AM2", "IKE_P1_COMPLETE")
    }

    // MARK: Parts

    /// The authentication method of the first transform that is offered.
    private var offeredMethod: AuthenticationMethod? {
        sa.offer?.proposals.first?.transforms.first.flatMap { IKESuite($0).authentication }
    }

    private func xauthMethod() {
        guard let method = sa.suite?.authentication ?? offeredMethod, method.isXAUTH, method.usesPSK else { return }
        out.line(.tight, "Authentication by xauth preshared")
    }

    private func identityTaken(_ chain: PayloadChain) {
        guard let payload = chain.first(.identification) else { return }
        out.processing("ID")
        if case .identification(let content) = payload.content { IdentityLines.write(payload, content, to: out) }
    }

    private func keysTaken(_ chain: PayloadChain) {
        if chain.contains(.keyExchange) { out.processing("KE") }
        if chain.contains(.nonce) { out.processing("NONCE") }
    }
}
