import ScopeDissect
import ScopeModel
import ScopeWire

/// INFORMATIONAL: deletes, questions whether the peer lives, and notifications.
extension IKEv2Lines {
    private var purpose: IKEv2Purpose { message.v2?.purpose ?? .unread }

    // MARK: The side that begins

    mutating func sendInformational() {
        guard let chain else {
            packet()
            awaitsPacket = true
            return
        }
        let deletes = chain.deletePayloads
        if purpose == .notice, chain.errorNotify == .authenticationFailed {
            refusePeer()
            return
        }
        tracedID = step.messageID &- 1
        if purpose == .deletedIKE, memory.isChildRefused {
            memory.isChildRefused = false
            trace("READY", "EV_DEL_SA")
            say("Queuing IKE SA delete request reason: unknown")
            trace("READY", "EV_FREE_NEG")
        }
        if purpose == .deletedIKE {
            trace("READY", "EV_DELETE*")
            trace("DELETE", "EV_DELETE*")
        }
        if !deletes.isEmpty {
            trace("INFO_I_BLD_INFO", "EV_SND_SA_DEL")
            for delete in deletes { tell(delete, "Sending DELETE INFO message for ") }
            ipsec { $0.sendDeletes(deletes.compactMap { DeletedSPIs($0) }) }
        } else if purpose == .liveness {
            say(UnconfirmedLines.asksForLife)
        }
        building()
        trace("INFO_I_BLD_INFO", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        say("Checking if request will fit in peer window")
        packet()
        tracedID = step.messageID
        trace("INFO_I_BLD_INFO", "EV_CHK_INFO_TYPE")
        switch purpose {
        case .deletedIKE:
            trace("INFO_I_BLD_INFO", "EV_CHK4_ACTIVE_SA")
            say("Check for existing active SA")
            trace("INFO_I_BLD_INFO", "EV_STOP_ACCT EV_TERM_CONN")
            say("Delete all IKE SAs")
            removeChildren()
        case .deletedChildren: say("Check for existing IPSEC SA")
        default: break
        }
        trace("INFO_I_WAIT", "EV_NO_EVENT")
        awaitsPacket = true
    }

    mutating func takeInformationalAnswer() {
        packet()
        guard chain != nil else { return }
        trace("INFO_I_WAIT", "EV_RECV_INFO_ACK")
        say("Processing ACK to informational exchange")
        trace("INFO_I_WAIT", "EV_CHK_INFO_TYPE")
        guard purpose == .deletedIKE else {
            if purpose == .deletedChildren { say("Check for existing IPSEC SA") }
            return
        }
        trace("DELETE", "EV_RECV_DEL_ACK* EV_FREE_SA")
        say("Deleting SA")
        memory.end()
    }

    /// The device tells a peer that has answered already that it does not believe it (RFC 7296 section 2.21.2).
    private mutating func refusePeer() {
        endLine()
        notes.warning(
            "the device refuses the peer: where the lines above say that it accepted its answer, it printed the refusal"
        )
        building()
        packet()
        failAuth(.authenticationFailed)
    }

    // MARK: The side that answers

    mutating func takeInformational() {
        packet()
        guard let chain else { return }
        trace("READY", "EV_RECV_INFO_REQ*")
        if purpose == .liveness { say(UnconfirmedLines.takesQuestion) }
        memory.hold(
            IKEv2Memory.HeldRequest(
                messageID: step.messageID, chain: chain, frames: message.frames, deleted: deleted))
    }

    /// The answer leaves before the device says what it makes of the request.
    mutating func answerInformational() {
        let held = memory.release(step.messageID)
        guard chain != nil else {
            packet()
            return
        }
        trace("INFO_R", "EV_RECV_INFO_REQ")
        if purpose == .liveness { say(UnconfirmedLines.answersQuestion) }
        building()
        trace("INFO_R", "EV_ENCRYPT_MSG EV_NO_EVENT EV_OK_ENCRYPT_RESP* EV_TRYSEND")
        packet()
        trace("INFO_R", "EV_CHK_INFO_TYPE")
        if held?.chain.errorNotify == .authenticationFailed {
            removeChildren()
            memory.end()
        }
        let deletes = held?.chain.deletePayloads ?? []
        guard let held, !deletes.isEmpty else { return }
        trace("INFO_R", "EV_RECV_DEL")
        say("Process delete request from peer")
        for delete in deletes { tell(delete, "Processing DELETE INFO message for ") }
        let own = deleted
        deleted = held.deleted
        ipsec { $0.takeDeletes(deletes.compactMap { DeletedSPIs($0) }) }
        deleted = own
        guard deletes.contains(where: { $0.protocolID == .ike }) else { return }
        trace("INFO_R", "EV_CHK4_ACTIVE_SA")
        say("Check for existing active SA")
        trace("INFO_R", "EV_STOP_ACCT EV_IPSEC_DEL")
        say("Delete all IKE SAs")
        removeChildren()
        trace("INFO_R", "EV_START_DEL_NEG_TMR*")
        trace("EXIT", "EV_CHK_PENDING")
        if details.contains(.internal) {
            line(
                as: .internal, "Sent response with message id ", .number(step.messageID),
                ", Requests can be accepted from range ", .number(UInt64(step.messageID) + 1), " to ",
                .number(UInt64(step.messageID) + 1))
        }
        trace("EXIT", "EV_NO_EVENT")
        trace("READY", "EV_RECV_DEL*")
        trace("DELETE", "EV_FREE_SA")
        say("Deleting SA")
        memory.end()
    }

    private mutating func tell(_ delete: IKEv2.Delete, _ words: StaticString) {
        if delete.protocolID == .ike {
            line(
                .literal(words), "IKEv2 SA [ISPI: 0x", .paddedUpperHex(header.initiatorSPI, digits: 16), " RSPI: 0x",
                .paddedUpperHex(header.responderSPI, digits: 16), "]")
        } else {
            for spi in delete.spiNumbers {
                line(.literal(words), "IPsec SA [SPI: 0x", .paddedUpperHex(UInt64(spi), digits: 8), "]")
            }
        }
    }
}
