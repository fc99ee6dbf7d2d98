import ScopeDissect
import ScopeModel
import ScopeWire

/// CREATE_CHILD_SA, of which no transcript of a device is at hand: what surrounds the packets is in `UnconfirmedLines`.
extension IKEv2Lines {
    private var isRekeyingIKE: Bool { message.v2?.purpose == .rekeyedIKE }

    // MARK: The side that begins

    mutating func sendChild() {
        guard let chain else {
            packet()
            awaitsPacket = true
            return
        }
        if !isRekeyingIKE, let child = message.quickMode { ipsec { $0.saRequest(child) } }
        tracedID = step.messageID &- 1
        trace("READY", "EV_INIT_CREATE_CHILD")
        trace("CHILD_I_INIT", "EV_INIT_CREATE_CHILD")
        trace("CHILD_I_IPSEC", "EV_INIT_CREATE_CHILD EV_SET_IPSEC_DH_GRP")
        if isRekeyingIKE || chain.publicValue != nil {
            if !isRekeyingIKE { say(UnconfirmedLines.setsGroup) }
            publicValue(of: chain.publicValue?.group)
        } else {
            say(UnconfirmedLines.checksPFS)
            say(UnconfirmedLines.noPFS)
        }
        trace("CHILD_I_IPSEC", "EV_BLD_MSG")
        say(UnconfirmedLines.generatesChild)
        proposals()
        building()
        tracedID = step.messageID
        trace("CHILD_I_IPSEC", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        packet()
        trace("CHILD_I_WAIT", "EV_NO_EVENT")
        awaitsPacket = true
    }

    mutating func takeChildAnswer() {
        packet()
        guard let chain else { return }
        trace("CHILD_I_WAIT", "EV_RECV_CREATE_CHILD")
        trace("CHILD_I_PROC", "EV_CHK4_NOTIFY")
        say(UnconfirmedLines.readsChildNotifications)
        guard chain.securityAssociation != nil else {
            error(UnconfirmedLines.childFailed)
            return
        }
        trace("CHILD_I_PROC", "EV_VERIFY_MSG")
        say(UnconfirmedLines.validatesChild)
        trace("CHILD_I_PROC", "EV_PROC_MSG EV_CHK4_PFS")
        if let value = chain.publicValue { secret(of: value.group) }
        trace("CHILD_I_PROC", "EV_CHK_IKE_REKEY")
        settle(chain)
        trace("CHILD_I_DONE", "EV_OK")
    }

    // MARK: The side that answers

    mutating func takeChild() {
        packet()
        guard let chain else { return }
        trace("READY", "EV_RECV_CREATE_CHILD")
        trace("CHILD_R_INIT", "EV_RECV_CREATE_CHILD EV_VERIFY_MSG")
        say(UnconfirmedLines.validatesChild)
        trace("CHILD_R_INIT", "EV_CHK_CC_TYPE")
        memory.hold(IKEv2Memory.HeldRequest(messageID: step.messageID, chain: chain, frames: message.frames))
    }

    mutating func answerChild() {
        let held = memory.release(step.messageID)
        guard let chain else {
            packet()
            return
        }
        if let held { tellHeld(held) }
        guard let association = chain.securityAssociation else {
            refuseChild(chain.errorNotify, held?.chain)
            building()
            packet()
            error(UnconfirmedLines.childFailed)
            return
        }
        let group = chain.publicValue?.group
        if isRekeyingIKE {
            trace("CHILD_R_IKE", "EV_REKEY_IKESA EV_GET_IKE_POLICY EV_PROC_MSG EV_SET_POLICY")
            say("Setting configured policies", detail: .internal)
        } else {
            trace("CHILD_R_IPSEC", "EV_PROC_MSG")
            say(UnconfirmedLines.readsChildNotifications)
            validateChild()
            say(UnconfirmedLines.requestsSPI)
            if group == nil {
                say(UnconfirmedLines.checksPFS)
                say(UnconfirmedLines.noPFS)
            } else {
                say(UnconfirmedLines.setsGroup)
            }
        }
        if group != nil || isRekeyingIKE {
            let group = group ?? association.proposals.first.flatMap { IKESuite($0).group }
            trace("CHILD_R_BLD_MSG", "EV_GEN_DH_KEY")
            publicValue(of: group)
            trace("CHILD_R_BLD_MSG", "EV_NO_EVENT EV_OK_RECD_DH_PUBKEY_RESP* EV_GEN_DH_SECRET")
            secret(of: group)
            trace("CHILD_R_BLD_MSG", "EV_NO_EVENT EV_OK_RECD_DH_SECRET_RESP*")
        }
        trace("CHILD_R_BLD_MSG", "EV_BLD_MSG")
        say(UnconfirmedLines.generatesChild)
        proposals()
        building()
        trace("CHILD_R_BLD_MSG", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        packet()
        settle(chain)
        trace("CHILD_R_DONE", "EV_OK")
    }

    // MARK: What both say

    /// The SA of the exchange stands, unless more key exchanges follow.
    private mutating func settle(_ chain: PayloadChain) {
        guard chain.notify(.additionalKeyExchange) == nil else { return }
        if isRekeyingIKE {
            seed()
            // It is the new SA that is told of.
            let own = numbers
            numbers = successor ?? own
            say("IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started")
            numbers = own
            return
        }
        if side == .initiator { trace("CHILD_I_PROC", "EV_GEN_LOAD_IPSEC") }
        say(UnconfirmedLines.loadsKeys)
        say(UnconfirmedLines.createsChild)
        install()
    }
}
