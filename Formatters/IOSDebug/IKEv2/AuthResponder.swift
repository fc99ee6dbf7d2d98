import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_AUTH as the device that answers it prints it, and its EAP rounds.
extension IKEv2Lines {
    // MARK: The request

    mutating func takeAuth() {
        packet()
        guard let chain else { return }
        if chain.contains(.identificationInitiator) {
            trace("R_WAIT_AUTH", "EV_RECV_AUTH")
            say("Stopping timer to wait for auth message")
            trace("R_WAIT_AUTH", "EV_CHK_NAT_T")
            natDiscovery()
            if memory.nat.isFound, localEnd.port != 500 {
                trace("R_WAIT_AUTH", "EV_CHG_NAT_T_PORT")
                float(to: remoteEnd.port, localEnd.port)
            }
            trace("R_WAIT_AUTH", "EV_PROC_ID")
            say("Received valid parameteres in process id", detail: .internal)
            trace("R_WAIT_AUTH", "EV_CHK_IF_PEER_CERT_NEEDS_TO_BE_FETCHED_FOR_PROF_SEL EV_GET_POLICY_BY_PEERID")
            peerIdentity(.identificationInitiator, chain)
            memory.usesEAP = !chain.contains(.authentication)
        } else if chain.contains(.eap) {
            say(UnconfirmedLines.processingEAPResponse)
        }
        var isSigned = false
        if case .certificate? = message.v2?.authentication?.means { isSigned = true }
        memory.hold(
            IKEv2Memory.HeldRequest(
                messageID: step.messageID, chain: chain, frames: message.frames, isSigned: isSigned))
    }

    // MARK: The answer

    mutating func answerAuth() {
        let held = memory.release(step.messageID)
        guard let chain else {
            packet()
            return
        }
        if let held { tellHeld(held) }
        let request = held?.chain
        if let error = chain.errorNotify, !chain.contains(.authentication) {
            refuseAuth(error, held)
            return
        }
        let isFirst = chain.contains(.identificationResponder)
        if isFirst {
            trace("R_WAIT_AUTH", "EV_SET_POLICY EV_VERIFY_POLICY_BY_PEERID")
            policyVerified()
            trace("R_WAIT_AUTH", "EV_CHK_AUTH4EAP EV_CHK_POLREQEAP")
        }
        if let request, request.contains(.authentication) {
            _ = peerProof(request, nil, state: "R_VERIFY_AUTH")
        }
        if chain.contains(.eap) {
            continueEAP(chain, isFirst: isFirst)
            return
        }
        guard chain.contains(.authentication) else {
            sendAuthAnswer(chain)
            return
        }
        trace("R_VERIFY_AUTH", "EV_CHK4_IC")
        if request?.notify(.initialContact) != nil { say("Processing INITIAL_CONTACT") }
        trace("R_VERIFY_AUTH", "EV_CHK_REDIRECT")
        say("Redirect check is not needed, skipping it", detail: .internal)
        trace("R_VERIFY_AUTH", "EV_NOTIFY_AUTH_DONE EV_CHK_CONFIG_MODE")
        if let request { configurationTaken(request) }
        trace("R_VERIFY_AUTH", "EV_GET_CONFIG_MODE EV_PROC_SA_TS")
        say("Processing IKE_AUTH message")
        let hasChild = chain.securityAssociation != nil
        childVerdict(chain, request, hasChild: hasChild)
        trace("R_BLD_AUTH", "EV_MY_AUTH_METHOD")
        let method = method(of: chain, sender: local)
        ownMethod(method)
        if method == .shared { trace("R_BLD_AUTH", "EV_GET_PRESHR_KEY") }
        ownProof(chain, state: "R_BLD_AUTH")
        configurationSent(chain)
        trace("R_BLD_AUTH", "EV_OK_AUTH_GEN EV_SEND_AUTH")
        say("Generating IKE_AUTH message")
        sendAuthAnswer(chain)
        trace("R_BLD_AUTH", "EV_CHK_AUTH_FAIL")
        memory.isChildRefused = !hasChild && chain.errorNotify != nil
        established(hasChild: hasChild)
        trace("READY", "EV_R_OK")
        say("Starting timer (8 sec) to delete negotiation context")
        trace("READY", "EV_NO_EVENT")
        awaitsPacket = true
    }

    private mutating func sendAuthAnswer(_ chain: PayloadChain) {
        constructing(.identificationResponder, chain)
        proposals()
        building()
        trace("R_BLD_AUTH", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        packet()
    }

    private mutating func continueEAP(_ chain: PayloadChain, isFirst: Bool) {
        if isFirst, chain.contains(.authentication) { ownProof(chain, state: "R_BLD_AUTH") }
        guard case .ikev2(.eap(let eap))? = chain.first(.eap)?.content else { return }
        let lines = UnconfirmedLines.eap(eap.code)
        if let before = lines.before { say(before) }
        if let sending = lines.sending { say(sending) }
        if isFirst { say("Generating IKE_AUTH message") }
        sendAuthAnswer(chain)
        awaitsPacket = true
    }

    /// What the device makes of the child that the request asks for.
    private mutating func childVerdict(_ chain: PayloadChain, _ request: PayloadChain?, hasChild: Bool) {
        if hasChild {
            trace("R_VERIFY_AUTH", "EV_NO_EVENT EV_OK_RECD_IPSEC_RESP")
            validateChild()
            return
        }
        refuseChild(chain.errorNotify, request)
    }

    /// IPsec looks at the proposal that was taken.
    mutating func validateChild() {
        guard let child = message.quickMode else { return }
        ipsec { lines in
            for agreed in child.agreed { lines.validate(agreed.suite, part: 1, of: child) }
        }
    }

    mutating func refuseChild(_ error: IKEv2.NotifyType?, _ request: PayloadChain?) {
        switch error {
        case .noProposalChosen?:
            self.error("Failed to find a matching policy")
            receivedPolicies(request, isChild: true)
            say("Failed to verify the proposed policies", detail: .internal)
            trace(step.exchange == .ikeAuth ? "R_VERIFY_AUTH" : "CHILD_R_IPSEC", "EV_NO_PROP_CHOSEN")
            say("Sending no proposal chosen notify")
        case .tsUnacceptable?:
            self.error("There was no IPSEC policy found for received TS")
            say(UnconfirmedLines.unacceptableTraffic)
        case .invalidKEPayload?: self.error(UnconfirmedLines.wrongGroup)
        default: break
        }
    }

    /// Why a peer is refused only the device knows: a proof that holds makes its certificate the likely reason.
    private mutating func refuseAuth(_ error: IKEv2.NotifyType, _ held: IKEv2Memory.HeldRequest?) {
        if error == .authenticationFailed {
            if let request = held?.chain, request.contains(.authentication) {
                policyVerified()
                peerMethod(method(of: request, sender: local.other), state: "R_VERIFY_AUTH")
                if held?.isSigned == true {
                    trace("R_VERIFY_AUTH", "EV_CERT_FAIL")
                    self.error("Platform errors")
                    say("Verify cert failed")
                } else {
                    say("Verify peer's authentication data")
                    self.error("Failed to authenticate the IKE SA")
                }
                trace("R_VERIFY_AUTH", "EV_AUTH_FAIL")
                say("Verification of peer's authentication data FAILED")
            }
            say("Sending authentication failure notify")
        }
        building()
        trace("R_VERIFY_AUTH", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        packet()
        failAuth(error)
    }
}
