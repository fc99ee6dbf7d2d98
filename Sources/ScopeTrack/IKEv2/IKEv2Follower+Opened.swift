import ScopeDissect
import ScopeModel
import ScopeWire

/// What a message of IKEv2 changes whose payloads can be read.
extension IKEv2Follower {
    func opened(
        _ arrival: Arrival, _ chain: PayloadChain, _ key: KeyName, from sender: Role, _ state: IKESAState,
        _ reading: Reading
    ) {
        known.isProved = true
        let message = arrival.message
        let begunBy = message.begunBy(sender)
        let before = known.exchange(message.header.messageID, begunBy: begunBy)
        var opened = OpenedMessage(
            message: message, chain: chain, sender: sender, frame: arrival.frames.first ?? 0,
            isInUDP: arrival.packet.carrier == .udpEncapsulated, exchange: before ?? MessageWindow.Exchange())
        if arrival.fragments > 0, let first = opened.isResponse ? before?.answer : before?.frame {
            // The same message cut into other pieces (RFC 7383 section 2.5.2).
            reading.repetition = .retransmission(of: first, count: 1)
        } else {
            read(&opened, state, reading)
        }
        if moves(opened, state) { state.moved(arrival.packet, sender: sender) }
        let proof = opened.authentication?.proof ?? .notChecked
        reading.opening = .opened(chain, key: key, proof: proof == .notChecked ? .verified(.icv) : proof)
        reading.natDiscovery = natDetection(arrival, chain)
        reading.certificates = certificates(opened, arrival.packet.frame.time)
        reading.quickMode = reading.settled ?? opened.exchange.child
        reading.v2 = IKEv2Reading(
            purpose: opened.exchange.purpose, request: opened.isResponse ? opened.exchange.frame : nil,
            authentication: opened.authentication, breaches: MessageRule.breaches(of: message, chain))
    }

    /// Takes in what a message says that comes for the first time.
    private func read(_ opened: inout OpenedMessage, _ state: IKESAState, _ reading: Reading) {
        opened.authentication = known.opener?.read(
            IKEv2Opened(header: opened.header, clear: opened.clear, chain: opened.chain, sender: opened.sender))
        if !opened.isResponse {
            opened.exchange = MessageWindow.Exchange(frame: opened.frame)
            opened.exchange.purpose = purpose(opened)
        } else if opened.exchange.purpose == .unread {
            opened.exchange.purpose = purpose(opened)
        }
        var made = Made.nothing
        switch opened.header.exchange {
        case .ikeIntermediate: intermediate(opened.chain, from: opened.sender)
        case .ikeAuth:
            identities(opened, state)
            made = authenticate(&opened, state)
        case .createChildSA:
            state.sa.progress.bringUp(on: .proved)
            if opened.isResponse {
                made = answer(&opened)
            } else {
                opened.exchange = request(opened, state)
            }
        case .ikeFollowupKE:
            if !opened.isResponse { opened.exchange.link = opened.link }
            made = followup(opened)
        default: break
        }
        switch made {
        case .nothing: break
        case .child(let child): reading.settled = child
        case .successor(let made): reading.successor = successor(made, in: state, begunBy: opened.begunBy)
        }
        keep(opened)
    }

    private func keep(_ opened: OpenedMessage) {
        var kept = opened.exchange
        let id = opened.header.messageID
        if opened.isResponse {
            kept.answer = opened.frame
            // Where more exchanges follow, the last of them needs what this one agreed on.
            if !known.followups.contains(where: { $0.begunBy == opened.begunBy && $0.messageID == id }) {
                kept.child?.settle()
                kept.successor = nil
            }
        }
        known.keep(kept, id, begunBy: opened.begunBy, tools.limits)
    }

    private func purpose(_ opened: OpenedMessage) -> IKEv2Purpose {
        switch opened.header.exchange {
        case .ikeIntermediate: return .intermediate
        case .ikeAuth: return .authentication
        // Its request says which SA it is for; without it, the protocol of the answer does.
        case .createChildSA:
            guard let association = opened.chain.associationV2 else { return .unread }
            return association.proposals.contains { $0.protocolID == .ike } ? .rekeyedIKE : .child
        case .ikeFollowupKE: return .followup
        case .informationalV2: return opened.isResponse ? .unread : Self.purpose(ofInformational: opened.chain)
        default: return .other
        }
    }

    /// Who the sides say that they are.
    private func identities(_ opened: OpenedMessage, _ state: IKESAState) {
        // The initiator may name in IDr whom it wants; only the responder says who that is.
        let type: PayloadType = opened.isResponse ? .identificationResponder : .identificationInitiator
        guard let identity = opened.chain.identity(type) else { return }
        let said = PeerIdentity(
            type: IdentificationType(rawValue: identity.type.rawValue), identity: identity.identity)
        if opened.isResponse { state.sa.responderIdentity = said } else { state.sa.initiatorIdentity = said }
    }

    /// What the CERT payloads of a message say.
    private func certificates(_ opened: OpenedMessage, _ time: Instant) -> CertificateReport? {
        guard opened.chain.contains(.certificateV2) else { return nil }
        var signer: [UInt8]?
        if case .certificate(let fingerprint)? = opened.authentication?.means { signer = fingerprint }
        let type: PayloadType = opened.sender == .initiator ? .identificationInitiator : .identificationResponder
        return tools.unsealer.certificates(
            in: opened.chain,
            CertificateContext(earlier: [], identity: opened.chain.body(of: type), time: time, signer: signer))
    }

    /// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP, one for each, against the addresses of the packet that
    /// brought them (RFC 7296 section 2.23).
    func natDetection(_ arrival: Arrival, _ chain: PayloadChain) -> [NATDiscoveryMatch] {
        // Of hashes that were cut off nobody knows what they were.
        if arrival.message.isCut { return [] }
        return chain.payloads.compactMap { payload in
            guard case .ikev2(.notify(let notify)) = payload.content,
                notify.type == .natDetectionSourceIP || notify.type == .natDetectionDestinationIP
            else { return nil }
            let isSource = notify.type == .natDetectionSourceIP
            let endpoint = isSource ? arrival.packet.source : arrival.packet.destination
            let header = arrival.message.header
            let own = tools.unsealer.natDiscoveryHash(
                .sha1, initiatorSPI: header.initiatorSPI, responderSPI: header.responderSPI,
                address: endpoint.address, port: endpoint.port)
            guard let own else { return .unknown }
            guard chain.slice(notify.data).elementsEqual(own) else { return .neither }
            return isSource ? .source : .destination
        }
    }

    // MARK: The SA that takes another one's place

    /// The IKE SA that a rekeying made, whose initiator is who asked for it (RFC 7296 section 2.18).
    private func successor(
        _ made: MessageWindow.Successor, in state: IKESAState, begunBy: Role
    ) -> Reading.Successor {
        let old = state.sa
        var sa = IKESA(
            id: 0, version: .v2, initiatorSPI: made.facts.initiatorSPI, responderSPI: made.facts.responderSPI,
            initiator: old.endpoint(of: begunBy), responder: old.endpoint(of: begunBy.other))
        sa.suite = made.facts.suite
        sa.replaces = old.id
        let isSame = begunBy == .initiator
        sa.initiatorIdentity = isSame ? old.initiatorIdentity : old.responderIdentity
        sa.responderIdentity = isSame ? old.responderIdentity : old.initiatorIdentity
        sa.progress.bringUp(on: .proved)
        let next = IKEv2State(made.facts)
        next.opener = made.opener
        next.hasMOBIKE = known.hasMOBIKE
        return Reading.Successor(
            sa: sa, follower: IKEv2Follower(next, tools),
            rekeyNonce: RekeyNonce(made.facts.initiatorNonce, made.facts.responderNonce))
    }
}
