import ScopeDissect
import ScopeModel
import ScopeWire

/// Which SA a message belongs to, and which side sent it.
extension IKETracker {
    func state(of arrival: Arrival, _ bytes: RawSpan) -> SAState? {
        let header = arrival.message.header
        guard let version = IKEVersion(rawValue: header.majorVersion), header.initiatorSPI != 0 else { return nil }
        // Its cookies are the SPI of a key of the group, not those of an IKE SA.
        if Step.unplaced(header, arrival.packet) == .v1(.groupKeyPush) { return nil }
        if let known = table.find(header, arrival.packet), !known.isBegunAnew(by: arrival.message) {
            guard header.responderSPI != 0, known.sa.responderSPI != header.responderSPI else { return known }
            known.sa.responderSPI = header.responderSPI
            known.facts.responderSPI = header.responderSPI
            // What is in the clear and chooses nothing may be anybody's word.
            known.isResponderSPIProvisional =
                header.exchange == .informational && !header.flags.contains(.encryption)
            // A piece that completes a message is followed by that message at once.
            table.index(known)
            return known
        }
        guard mayBegin(arrival.message) else { return nil }
        let first = header.responderSPI == 0 ? nil : table.answered(header, arrival.packet)
        let (state, evicted) = table.add { id in
            let sa = IKESA(
                id: id, version: version, initiatorSPI: header.initiatorSPI,
                responderSPI: header.responderSPI, initiator: arrival.packet.source,
                responder: arrival.packet.destination)
            let state = SAState(sa, isSeenFromStart: header.responderSPI == 0, begun: arrival.packet.frame)
            state.sa.isGDOI = arrival.packet.isOnGroupPort
            return state
        }
        // When an IKEv2 negotiation is through is not followed.
        if state.isSeenFromStart, version == .v1 { state.sa.crosses = table.crossing(state) }
        if let first { beside(first, state) } else if isFromResponder(arrival) { state.swapRoles() }
        if version == .v2 { unsealer.note(unopened: state.sa) }
        if !unsealer.isEmpty, version == .v1 { state.opener = unsealer.opener(for: state.facts) }
        tell(evicted: evicted, arrival)
        return state
    }

    /// Another answer to the same first message makes an SA of its own, which shares that message.
    private func beside(_ first: SAState, _ state: SAState) {
        state.sa.initiator = first.sa.initiator
        state.sa.responder = first.sa.responder
        state.sa.mode = first.sa.mode
        state.sa.offer = first.sa.offer
        state.sa.position = min(first.sa.position, 1)
        state.facts.initiatorAddress = first.facts.initiatorAddress
        state.facts.responderAddress = first.facts.responderAddress
        state.facts.initiatorSABody = first.facts.initiatorSABody
        if first.sa.mode == .aggressive {
            state.facts.initiatorKE = first.facts.initiatorKE
            state.facts.initiatorNonce = first.facts.initiatorNonce
            state.facts.initiatorIDBody = first.facts.initiatorIDBody
            state.sa.initiatorIdentity = first.sa.initiatorIdentity
        }
    }

    /// Whether an SA may be taken to exist because of this message.
    ///
    /// A notification in the clear proves nothing.
    private func mayBegin(_ message: ISAKMPMessage) -> Bool {
        message.header.majorVersion == 2 || !message.ciphertext.isEmpty || message.header.exchange != .informational
    }

    /// The first message seen of an SA, by its ports and its content: who answers has the well-known port.
    private func isFromResponder(_ arrival: Arrival) -> Bool {
        let header = arrival.message.header
        if header.majorVersion == 2 { return !header.flags.contains(.initiator) }
        guard header.responderSPI != 0 else { return false }
        if arrival.message.chain.contains(.sa), header.messageID == 0 { return true }
        let isServer = { (port: UInt16) in port == 500 || port == 4500 || port == Packet.groupPort }
        return isServer(arrival.packet.source.port) && !isServer(arrival.packet.destination.port)
    }

    func expectedSender(_ header: ISAKMPHeader, _ state: SAState) -> Role {
        if header.majorVersion == 2 { return header.flags.contains(.initiator) ? .initiator : .responder }
        return header.responderSPI == 0 || state.sa.position % 2 == 0 ? .initiator : .responder
    }

    /// The "answer" to the first KE that was seen is encrypted: so that KE was the answer itself.
    func isAnsweredTooSoon(_ message: ISAKMPMessage, _ sender: Role, _ state: SAState) -> Bool {
        !state.isSeenFromStart && state.sa.mode == .main && sender == .responder && !message.ciphertext.isEmpty
            && message.header.exchange == .identityProtection && state.facts.initiatorKE != nil
            && state.facts.responderKE == nil && state.sa.position <= 3
    }
}
