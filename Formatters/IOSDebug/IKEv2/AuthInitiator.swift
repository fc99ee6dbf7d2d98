import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_AUTH as the device that begins it prints it, and its EAP rounds.
extension IKEv2Lines {
    // MARK: The request

    mutating func sendAuth() {
        guard let chain else {
            // Nothing else of it follows from what is in the clear.
            if !memory.hasBegunAuth { say("Generating IKE_AUTH message") }
            memory.hasBegunAuth = true
            packet()
            awaitsPacket = true
            return
        }
        memory.hasBegunAuth = true
        tracedID = step.messageID &- 1
        let isFirst = chain.contains(.identificationInitiator)
        if isFirst, !chain.contains(.authentication) { memory.usesEAP = true }
        if isFirst || chain.contains(.authentication) {
            trace("I_BLD_AUTH", "EV_GET_CONFIG_MODE")
            configurationSent(chain)
            trace("I_BLD_AUTH", "EV_CHK_EAP")
            say("Check for EAP exchange")
            ownProof(chain, state: "I_BLD_AUTH")
            trace("I_BLD_AUTH", "EV_OK_AUTH_GEN")
            say("Check for EAP exchange")
        }
        trace("I_BLD_AUTH", "EV_SEND_AUTH")
        say("Generating IKE_AUTH message")
        constructing(.identificationInitiator, chain)
        proposals()
        building()
        tracedID = step.messageID
        trace("I_BLD_AUTH", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        packet()
        trace("I_BLD_AUTH", "EV_CHK_EAP_POST_ASYNC")
        trace("I_WAIT_AUTH", "EV_NO_EVENT")
        awaitsPacket = true
    }

    // MARK: The answer

    mutating func takeAuthAnswer() {
        packet()
        guard let chain else { return }
        trace("I_WAIT_AUTH", "EV_RECV_AUTH*")
        trace("I_PROC_AUTH", "EV_CHK4_NOTIFY")
        say("Process auth response notify")
        let isProof = chain.contains(.authentication)
        if let error = chain.errorNotify {
            guard isProof else {
                failAuth(error)
                return
            }
            // The child alone was refused.
            if begin(.error), out.family == .classic { out.sink.literal(": ") }
        }
        trace("I_PROC_AUTH", "EV_PROC_MSG EV_CHK_IF_PEER_CERT_NEEDS_TO_BE_FETCHED_FOR_PROF_SEL EV_GET_POLICY_BY_PEERID")
        peerIdentity(.identificationResponder, chain)
        trace("I_PROC_AUTH", "EV_VERIFY_POLICY_BY_PEERID")
        if chain.contains(.identificationResponder) { policyVerified() }
        if isProof {
            guard peerProof(chain, message.v2?.authentication, state: "I_PROC_AUTH") else {
                trace("I_PROC_AUTH", "EV_AUTH_FAIL")
                say("Verify auth failed", detail: .internal)
                failAuth(nil)
                return
            }
        }
        trace("I_PROC_AUTH", "EV_CHK_EAP")
        say("Check for EAP exchange")
        guard isProof, !chain.contains(.eap) else { return }
        trace("I_PROC_AUTH", "EV_NOTIFY_AUTH_DONE EV_CHK_CONFIG_MODE")
        configurationTaken(chain)
        trace("I_PROC_AUTH", "EV_CHK4_IC EV_CHK_IKE_ONLY EV_PROC_SA_TS")
        let hasChild = chain.securityAssociation != nil
        if hasChild { say("Processing IKE_AUTH message") }
        memory.isChildRefused = !hasChild && chain.errorNotify != nil
        established(hasChild: hasChild)
        trace("READY", "EV_CHK_IKE_ONLY EV_I_OK")
        if details.contains(.internal) {
            line(as: .internal, "Deleting negotiation context for my message ID: 0x", .hex(UInt64(step.messageID)))
        }
    }

    /// Nil: the device itself refuses the peer.
    mutating func failAuth(_ error: IKEv2.NotifyType?) {
        trace("AUTH_DONE", "EV_FAIL")
        say("Auth exchange failed")
        self.error("Auth exchange failed")
        abort()
    }

    // MARK: What both sides say

    mutating func constructing(_ type: PayloadType, _ chain: PayloadChain) {
        guard let identity = chain.identification(type) else { return }
        line(
            type == .identificationInitiator ? "Constructing IDi payload: '" : "Constructing IDr payload: '",
            IdentityWords.text(identity.identity), "' of type '", IdentityWords.type(identity.type), "'")
    }

    mutating func peerIdentity(_ type: PayloadType, _ chain: PayloadChain) {
        guard let identity = chain.identification(type) else { return }
        line(
            "Searching policy based on peer's identity '", IdentityWords.text(identity.identity), "' of type '",
            IdentityWords.type(identity.type), "'")
    }

    mutating func policyVerified() {
        say("Verify peer's policy")
        say("Peer's policy verified")
    }

    /// Both sides have proved themselves: the SA stands, and its first child with it.
    mutating func established(hasChild: Bool) {
        trace("AUTH_DONE", "EV_OK* EV_UPDATE_CAC_STATS EV_INSERT_IKE")
        say("IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started")
        line(
            "Session with IKE ID PAIR (", IdentityWords.text(identity(of: local.other)), ", ",
            IdentityWords.text(identity(of: local)), ") is UP")
        trace("AUTH_DONE", "EV_REGISTER_SESSION EV_NO_EVENT EV_RECD_REGISTER_SESSION_RESP")
        if hasChild {
            trace("AUTH_DONE", "EV_PKI_SESH_CLOSE EV_GEN_LOAD_IPSEC")
            say("Load IPSEC key material")
            install()
            trace("AUTH_DONE", "EV_START_ACCT")
        }
        trace("AUTH_DONE", "EV_CHECK_DUPE")
        say("Checking for duplicate IKEv2 SA")
        say("No duplicate IKEv2 SA found")
        trace("AUTH_DONE", "EV_CHK4_ROLE")
    }

    /// IPsec makes the pair that the message agreed on.
    mutating func install() {
        guard let child = message.quickMode else { return }
        for case let (_, inbound?, _) in QuickModeChoice.pairs(of: child, at: local) { memory.add(child: inbound) }
        ipsec { $0.createSAs(child) }
    }

    /// Children go with the IKE SA that made them (RFC 7296 section 1.4.1).
    mutating func removeChildren() {
        let children = memory.takeChildren()
        guard !children.isEmpty else { return }
        ipsec { $0.removeSAs(children) }
    }

    private func identity(of role: Role) -> Identity? {
        (role == .initiator ? sa.initiatorIdentity : sa.responderIdentity)?.identity
    }
}

/// Identities as `debug crypto ikev2` prints them.
enum IdentityWords {
    static func text(_ identity: Identity?) -> Part {
        switch identity {
        case .address(let address)?: .upperAddress(address)
        case .fqdn(let text)?, .userFQDN(let text)?, .distinguishedName(let text)?: .foreign(text)
        case .keyID(let bytes)?, .other(let bytes)?: .foreign(Wording.text(of: bytes))
        case .subnet?, .range?, nil: .unknown
        }
    }

    static func type(_ type: IKEv2.IdentificationType) -> Part {
        switch type {
        case .ipv4: "IPv4 address"
        case .ipv6: "IPv6 address"
        case .fqdn: "FQDN"
        case .derDN: "DER ASN1 DN"
        default: UnconfirmedLines.identity(type).map { .literal($0) } ?? .text("Unknown - \(type.rawValue)")
        }
    }
}
