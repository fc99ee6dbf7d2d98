import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_SA_INIT as the device that answers it prints it.
extension IKEv2Lines {
    /// What the device makes of the request is told with its answer.
    mutating func takeInit() {
        let chain = message.message.chain
        note(announced: chain)
        // Classic images have no numbers before there is an SA.
        packet(as: out.family == .classic ? .bare : .plain)
        memory.hold(IKEv2Memory.HeldRequest(messageID: step.messageID, chain: chain, frames: message.frames))
    }

    mutating func answerInit() {
        let chain = message.message.chain
        note(announced: chain)
        let held = memory.release(step.messageID)
        if let held { tellHeld(held) }
        let request = held?.chain
        if chain.notify(.cookie) != nil {
            say(UnconfirmedLines.cookieChallenge)
            packet()
            return
        }
        trace("IDLE", "EV_RECV_INIT EV_CHK_REDIRECT")
        say("Redirect check is not needed, skipping it", detail: .internal)
        trace("IDLE", "EV_CHK_CAC EV_CHK_COOKIE EV_CHK4_COOKIE_NOTIFY")
        trace("R_INIT", "EV_VERIFY_MSG")
        say("Verify SA init message")
        trace("R_INIT", "EV_INSERT_SA")
        say("Insert SA")
        trace("R_INIT", "EV_GET_IKE_POLICY EV_PROC_MSG")
        say("Processing IKE_SA_INIT message")
        guard let association = chain.securityAssociation else {
            refuseInit(chain.errorNotify, request)
            return
        }
        trace("R_INIT", "EV_DETECT_NAT")
        natNotifications(of: request, from: message.sender.other)
        trace("R_INIT", "EV_CHK_CONFIG_MODE")
        let group = chain.publicValue?.group ?? association.proposals.first.flatMap { IKESuite($0).group }
        trace("R_BLD_INIT", "EV_SET_POLICY")
        say("Setting configured policies", detail: .internal)
        trace("R_BLD_INIT", "EV_CHK_AUTH4PKI EV_PKI_SESH_OPEN")
        say("Opening a PKI session", detail: .internal)
        trace("R_BLD_INIT", "EV_GEN_DH_KEY")
        publicValue(of: group)
        trace("R_BLD_INIT", "EV_NO_EVENT EV_OK_RECD_DH_PUBKEY_RESP* EV_GEN_DH_SECRET")
        secret(of: group)
        trace("R_BLD_INIT", "EV_NO_EVENT EV_OK_RECD_DH_SECRET_RESP* EV_GEN_SKEYID")
        seed()
        trace("R_BLD_INIT", "EV_GET_CONFIG_MODE")
        say(UnconfirmedLines.responderHasNoConfiguration, as: .bare)
        trace("R_BLD_INIT", "EV_BLD_MSG")
        say("Generating IKE_SA_INIT message")
        proposals()
        packet()
        trace("INIT_DONE", "EV_DONE")
        initDone()
        trace("INIT_DONE", "EV_CHK4_ROLE EV_START_TMR")
        say("Starting timer (30 sec) to wait for auth message")
        trace("R_WAIT_AUTH", "EV_NO_EVENT")
        awaitsPacket = true
    }

    /// What the device says when its answer shows how it took a request.
    mutating func tellHeld(_ held: IKEv2Memory.HeldRequest) {
        endLine()
        notes.held(held.frames, by: message.frames)
    }

    private mutating func refuseInit(_ error: IKEv2.NotifyType?, _ request: PayloadChain?) {
        switch error {
        case .invalidKEPayload?:
            self.error(UnconfirmedLines.wrongGroup)
            packet()
            return
        case .noProposalChosen?:
            say("Failed to verify the proposed policies", detail: .internal)
            self.error("Failed to find a matching policy")
            receivedPolicies(request, isChild: false)
            trace("R_INIT", "EV_NO_PROP_CHOSEN")
            say("Sending no proposal chosen notify")
            trace("R_INIT", "EV_ENCRYPT_MSG EV_TRYSEND")
        default: break
        }
        packet()
        // A redirection is no failure.
        guard error != nil else { return }
        trace("INIT_DONE", "EV_FAIL")
        say("Failed SA init exchange")
        self.error("Initial exchange failed")
        self.error("Initial exchange failed")
        abort()
    }

    /// What the peer proposed and the device cannot take.
    ///
    /// What it expected stands in its configuration alone, so that line is left out.
    mutating func receivedPolicies(_ request: PayloadChain?, isChild: Bool) {
        guard let association = request?.securityAssociation, !association.proposals.isEmpty else { return }
        error("Failed to find a matching policy", context: "Received Policies: ")
        for (index, proposal) in association.proposals.enumerated() {
            if out.family == .classic || index > 0 { _ = beginContinuation() }
            guard out.commands.contains(.ikev2) else { return }
            if isChild { out.sink.literal(proposal.protocolID == .ah ? "AH: " : "ESP: ") }
            received(proposal)
        }
        error("Failed to find a matching policy")
    }
}
