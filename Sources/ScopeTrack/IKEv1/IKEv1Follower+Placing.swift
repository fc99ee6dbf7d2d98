import ScopeDissect
import ScopeModel
import ScopeWire

/// Whether a message is one of an SA, and which side sent it, by the rules of IKEv1.
extension IKEv1Follower {
    static func unplaced(_ arrival: Arrival) -> Reading {
        let exchange = arrival.message.header.exchange
        if belongsToNoSA(arrival) {
            return Reading(
                .v1(.groupKeyPush),
                opening: !arrival.message.isEncrypted
                    ? .clear : .sealed(why: "the key of its group (KEK) is not known"))
        }
        return Reading(.v1(exchange == .informational ? .informational : .other(exchange)))
    }

    /// GROUPKEY-PUSH: its cookies are the SPI of a key of the group, not those of an IKE SA (RFC 6407 section 4).
    static func belongsToNoSA(_ arrival: Arrival) -> Bool {
        arrival.message.header.exchange == .newGroupMode && arrival.packet.isOnGroupPort
    }

    /// A notification in the clear proves nothing.
    static func mayBegin(with message: ISAKMPMessage) -> Bool {
        message.isEncrypted || message.header.exchange != .informational
    }

    /// By its ports and its content: who answers has the well-known port.
    static func isFromResponder(_ arrival: Arrival) -> Bool {
        let header = arrival.message.header
        guard header.responderSPI != 0 else { return false }
        if arrival.message.mayHold(.sa), header.messageID == 0 { return true }
        let isServer = { (port: UInt16) in port == 500 || port == 4500 || port == Packet.groupPort }
        return isServer(arrival.packet.source.port) && !isServer(arrival.packet.destination.port)
    }

    /// What is in the clear and chooses nothing may be anybody's word.
    static func mayBeForged(_ header: ISAKMPHeader) -> Bool {
        header.exchange == .informational && !header.flags.contains(.encryption)
    }

    /// A first message with other contents than the one that was answered: scanners use their SPI again.
    func isBegunAnew(by message: ISAKMPMessage, in state: IKESAState) -> Bool {
        guard message.header.responderSPI == 0, state.sa.responderSPI != 0, let first = facts.initiatorSABody,
            let body = message.chain.body(of: .sa)
        else { return false }
        return body != first
            || message.chain.body(of: .keyExchange) != facts.initiatorKE && state.sa.phase1.mode == .aggressive
    }

    func sender(of arrival: Arrival, in state: IKESAState) -> Role {
        let isFirst = arrival.message.header.responderSPI == 0 || state.sa.phase1.position % 2 == 0
        let sender = state.sender(of: arrival.packet, expected: isFirst ? .initiator : .responder)
        guard isAnsweredTooSoon(arrival.message, sender, state) else { return sender }
        state.swapRoles()
        begin(in: state)
        return sender.other
    }

    /// The "answer" to the first KE that was seen is encrypted: so that KE was the answer itself.
    private func isAnsweredTooSoon(_ message: ISAKMPMessage, _ sender: Role, _ state: IKESAState) -> Bool {
        !state.isSeenFromStart && state.sa.phase1.mode == .main && sender == .responder && message.isEncrypted
            && message.header.exchange == .identityProtection && facts.initiatorKE != nil && facts.responderKE == nil
            && state.sa.phase1.position <= 3
    }
}
