import ScopeDissect
import ScopeModel
import ScopeWire

/// XAUTH and Mode Config (Easy VPN) as server and client print them.
///
/// Who asks and who answers tells which of the two it is: the server asks for XAUTH and sets its result, the client
/// asks for its configuration. What AAA does in between is the device's own.
extension MessageLines {
    mutating func writeTransaction() {
        if !hasKeys { out.connection = .none }
        guard case .attributes(let payload) = chain?.first(.attributes)?.content else {
            packet(state: nil)
            return
        }
        let kind = ConfigurationType(rawValue: payload.type)
        let isXAUTH = payload.isXAUTH || memory.isXAUTH(messageID)
        memory.noteTransaction(messageID, isXAUTH: isXAUTH)
        let state: StaticString = isXAUTH ? "CONF_XAUTH   " : "CONF_ADDR    "
        if isOutgoing {
            sendTransaction(kind, payload, isXAUTH: isXAUTH, state: state)
        } else {
            takeTransaction(kind, payload, isXAUTH: isXAUTH, state: state)
        }
    }

    // MARK: Sent

    private mutating func sendTransaction(
        _ kind: ConfigurationType, _ payload: AttributesPayload, isXAUTH: Bool, state: StaticString
    ) {
        if kind == .request { memory.hasToldPhase1End = true }
        switch kind {
        case .request where isXAUTH:
            out.line(.tight, "Need XAUTH")
            addTransaction(state)
            attributeLines(payload, verb: "request attribute ")
            out.line(.blank, "initiating peer config to ", .address(peer), ". ID = ", .messageID(messageID))
            packet(state: state)
            out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_COMPLETE", "IKE_P1_COMPLETE", "IKE_XAUTH_REQ_SENT")
        case .request:
            out.line(.tight, "Need config/address")
            addTransaction(state)
            out.line(.blank, "initiating peer config to ", .address(peer), ". ID = ", .messageID(messageID))
            packet(state: state)
            out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_COMPLETE", "IKE_P1_COMPLETE", "IKE_CONFIG_MODE_REQ_SENT")
        case .set:
            addTransaction(state)
            out.line(.blank, "initiating peer config to ", .address(peer), ". ID = ", .messageID(messageID))
            packet(state: state)
            if isXAUTH {
                out.transition(
                    "IKE_MESG_FROM_AAA, IKE_AAA_CONT_LOGIN", "IKE_XAUTH_AAA_CONT_LOGIN_AWAIT", "IKE_XAUTH_SET_SENT")
            } else {
                out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_COMPLETE", "IKE_P1_COMPLETE", "IKE_CONFIG_MODE_SET_SENT")
            }
        case .reply where isXAUTH:
            attributeLines(payload, verb: "reply attribute ")
            out.line(.blank, "responding to peer config from ", .address(peer), ". ID = ", .messageID(messageID))
            packet(state: state)
            out.transition("IKE_MESG_INTERNAL, IKE_XAUTH_REPLY_ATTR", "IKE_XAUTH_REPLY_AWAIT", "IKE_XAUTH_REPLY_SENT")
        case .reply:
            out.line(.tight, "attributes sent in message:")
            sentConfiguration(payload)
            out.line(.blank, "responding to peer config from ", .address(peer), ". ID = ", .messageID(messageID))
            packet(state: state)
            out.transition("IKE_MESG_FROM_AAA, IKE_AAA_GROUP_ATTR", "IKE_CONFIG_AUTHOR_AAA_AWAIT", "IKE_P1_COMPLETE")
        default:
            packet(state: state)
            out.deleteNode(messageID, reason: "No Error")
        }
    }

    // MARK: Received

    private mutating func takeTransaction(
        _ kind: ConfigurationType, _ payload: AttributesPayload, isXAUTH: Bool, state: StaticString
    ) {
        packet(state: state)
        if kind == .request || kind == .set { addTransaction(state) }
        if chain?.first(.hash) != nil { out.processing("HASH", messageID: messageID) }
        out.line(
            .tight, "processing transaction payload from ", .address(peer), ". message ID = ", .messageID(messageID))
        switch kind {
        case .request: takeRequest(payload, isXAUTH: isXAUTH)
        case .reply: takeReply(payload, isXAUTH: isXAUTH)
        case .set: takeSet(payload, isXAUTH: isXAUTH)
        case .acknowledge:
            out.line(.plain, "Config payload ACK")
            if isXAUTH { out.line(.tight, "XAUTH ACK Processed") }
            out.deleteNode(messageID, reason: "Transaction mode done")
            out.transition(
                "IKE_MESG_FROM_PEER, IKE_CFG_ACK", isXAUTH ? "IKE_XAUTH_SET_SENT" : "IKE_CONFIG_MODE_SET_SENT",
                "IKE_P1_COMPLETE")
        default: break
        }
    }

    private func takeRequest(_ payload: AttributesPayload, isXAUTH: Bool) {
        out.line(.plain, "Config payload REQUEST")
        out.line(.tight, "checking request:")
        configuration(payload)
        if isXAUTH {
            out.line(.tight, "Xauth process request")
            out.transition("IKE_MESG_FROM_PEER, IKE_CFG_REQUEST", "IKE_P1_COMPLETE", "IKE_XAUTH_REPLY_AWAIT")
        } else {
            out.transition("IKE_MESG_FROM_PEER, IKE_CFG_REQUEST", "IKE_P1_COMPLETE", "IKE_CONFIG_AUTHOR_AAA_AWAIT")
        }
    }

    private func takeReply(_ payload: AttributesPayload, isXAUTH: Bool) {
        out.line(.plain, "Config payload REPLY")
        if isXAUTH {
            attributeLines(payload, verb: "reply attribute ")
            out.deleteNode(messageID, reason: "Done with xauth request/reply exchange")
            out.transition(
                "IKE_MESG_FROM_PEER, IKE_CFG_REPLY", "IKE_XAUTH_REQ_SENT", "IKE_XAUTH_AAA_CONT_LOGIN_AWAIT")
        } else {
            out.line(.tight, "process config reply")
            out.deleteNode(messageID, reason: "Transaction mode done")
            out.transition("IKE_MESG_FROM_PEER, IKE_CFG_REPLY", "IKE_CONFIG_MODE_REQ_SENT", "IKE_P1_COMPLETE")
        }
    }

    private func takeSet(_ payload: AttributesPayload, isXAUTH: Bool) {
        out.line(.plain, "Config payload SET")
        let status = payload.attributes.first { $0.type == ModeConfigAttribute.xauthStatus.rawValue }?.number
        if isXAUTH {
            out.line(.tight, "Xauth process set, status = ", status.map { .number($0) } ?? .unknown)
        }
        out.line(.tight, "checking SET:")
        for attribute in payload.attributes {
            if attribute.type == ModeConfigAttribute.xauthStatus.rawValue {
                out.line(
                    .plain, "   XAUTH_STATUS_V2 ", .word(status == 1 ? "XAUTH-OK" : status == 0 ? "XAUTH-FAIL" : nil))
            } else {
                configuration(attribute)
            }
        }
        let old: StaticString = isXAUTH ? "IKE_XAUTH_REPLY_SENT" : "IKE_P1_COMPLETE"
        out.transition("IKE_MESG_FROM_PEER, IKE_CFG_SET", old, "IKE_P1_COMPLETE")
    }

    // MARK: Parts

    private mutating func addTransaction(_ state: StaticString) {
        out.line(.plain, "set new node ", .messageID(messageID), " to ", .literal(state))
        memory.addNode(messageID, at: time)
    }

    /// `ISAKMP/xauth: request attribute XAUTH_USER_NAME_V2`; values are never printed here.
    private func attributeLines(_ payload: AttributesPayload, verb: StaticString) {
        for attribute in payload.attributes {
            guard let name = Self.xauthName(attribute.type) else { continue }
            out.line(.xauth, .literal(verb), .literal(name))
        }
    }

    private func configuration(_ payload: AttributesPayload) {
        for attribute in payload.attributes { configuration(attribute) }
    }

    private func configuration(_ attribute: Attribute) {
        if let name = Self.xauthName(attribute.type) ?? Self.configurationName(attribute.type) {
            out.line(.plain, "   ", .literal(name))
        } else {
            out.line(.spaced, "Unknown Attr: UNKNOWN (0x", .hex(UInt64(attribute.type)), ")")
        }
    }

    /// What a server says of the configuration that it sends.
    private func sentConfiguration(_ payload: AttributesPayload) {
        for attribute in payload.attributes {
            let address = IPAddress(bytes: attribute.value)
            switch (ModeConfigAttribute(rawValue: attribute.type), address, attribute.number) {
            case (.ip4Address, let address?, _): out.line(.plain, "Sending private address: ", .address(address))
            case (.ip4Netmask, let mask?, _): out.line(.plain, "Sending subnet mask: ", .address(mask))
            case (.addressExpiry, _, let seconds?):
                out.line(
                    .plain, "Sending ADDRESS_EXPIRY seconds left to use the address: ", .number(seconds))
            default: break
            }
        }
    }

    private static func xauthName(_ type: UInt16) -> StaticString? {
        switch ModeConfigAttribute(rawValue: type) {
        case .xauthUserName: "XAUTH_USER_NAME_V2"
        case .xauthUserPassword: "XAUTH_USER_PASSWORD_V2"
        case .xauthType: "XAUTH_TYPE_V2"
        case .xauthPasscode: "XAUTH_PASSCODE_V2"
        case .xauthMessage: "XAUTH_MESSAGE_V2"
        case .xauthStatus: "XAUTH_STATUS_V2"
        default: nil
        }
    }

    private static func configurationName(_ type: UInt16) -> StaticString? {
        switch type {
        case 1: "IP4_ADDRESS"
        case 2: "IP4_NETMASK"
        case 3: "IP4_DNS"
        case 4: "IP4_NBNS"
        case 5: "ADDRESS_EXPIRY"
        case 7: "APPLICATION_VERSION"
        case 28672: "MODECFG_BANNER"
        case 28673: "MODECFG_SAVEPWD"
        case 28674: "DEFAULT_DOMAIN"
        case 28675: "SPLIT_DNS"
        case 28676: "SPLIT_INCLUDE"
        case 28679: "PFS"
        case 28681: "BACKUP_SERVER"
        case 28682: "MODECFG_HOSTNAME"
        default: nil
        }
    }
}
