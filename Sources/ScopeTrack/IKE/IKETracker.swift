import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows IKE: places each message in its SA and exchange, has it opened, and tells what it changed.
final class IKETracker {
    let unsealer: any Unsealer
    let limits: Limits
    let emitter: Emitter
    let ipsec: IPsecTracker
    private var table: SATable
    private var memory: MessageMemory
    private var connections = 1000

    init(_ unsealer: any Unsealer, _ limits: Limits, _ emitter: Emitter, _ ipsec: IPsecTracker) {
        self.unsealer = unsealer
        self.limits = limits
        self.emitter = emitter
        self.ipsec = ipsec
        table = SATable(limit: limits.ikeSAs, bytes: limits.ikeBytes)
        memory = MessageMemory(limit: limits.rememberedMessages, bytes: limits.outcomeBytes)
    }

    func knows(initiatorSPI spi: UInt64) -> Bool { table.knows(initiatorSPI: spi) }

    func unusedKeys() -> [String] { unsealer.unusedKeys() }

    func finish(at time: Instant) {
        for state in table.all {
            let scope = Scope(
                source: state.sa.initiator.address, destination: state.sa.responder.address, ikeSA: state.sa.id)
            for notice in state.fragments.incomplete() {
                emitter.emit(.reassembly(notice), at: time, from: nil, .frame, scope)
            }
            // Aggressive Mode tells in the clear which PSK fits, also when nothing encrypted follows.
            if state.toldKeys == nil, state.sa.mode == .aggressive, state.sa.position >= 2, let opener = state.opener {
                emitter.emit(.ikeKeys(state.sa, opener.status), at: time, from: nil, .frame, scope)
            }
        }
    }

    /// Takes in the IKE message at `range` of `bytes`.
    func message(_ packet: Packet, _ range: Range<Int>, _ bytes: RawSpan) {
        let range = range.clamped(to: 0..<bytes.byteCount)
        let copy = bytes.extracting(range).withUnsafeBytes { Array($0) }
        do throws(DecodeError) {
            let message = try ISAKMPMessage(bytes: copy)
            arrived(Arrival(packet: packet, message: message, frames: packet.frames, fragments: 0), bytes)
        } catch {
            var error = error
            error.offset += range.lowerBound
            emitter.emit(.malformed(MalformedPacket(layer: .isakmp, error: error)), of: packet, bytes)
        }
    }

    /// One message, whole, and what it came in.
    struct Arrival {
        var packet: Packet
        var message: ISAKMPMessage
        var frames: [Int]
        /// IKEv1 fragments that it was put together from.
        var fragments: Int

        /// The message read as one of a phase 1 whose payload bodies are encrypted one by one, if it is one.
        func read(as step: ExchangeStep, of state: SAState) -> Arrival {
            switch step {
            case .mainMode, .aggressive: break
            default: return self
            }
            let sealing = state.sealing
            guard sealing != .none, message.ciphertext.isEmpty,
                let message = try? ISAKMPMessage(bytes: message.bytes, sealing: sealing)
            else { return self }
            var arrival = self
            arrival.message = message
            return arrival
        }

        /// The message as it is told.
        func event(
            _ sa: IKESA?, positionBefore: Int? = nil, sender: Role, step: ExchangeStep,
            repetition: IKEMessage.Repetition = .first, _ reading: Reading = Reading()
        ) -> IKEMessage {
            IKEMessage(
                frames: frames, source: packet.source, destination: packet.destination, carrier: packet.carrier,
                message: message, ikeFragments: fragments, sa: sa, positionBefore: positionBefore ?? sa?.position ?? 0,
                sender: sender, step: step, repetition: repetition, opening: reading.opening,
                natDiscovery: reading.natDiscovery, quickMode: reading.quickMode, liveness: reading.liveness,
                clearProof: reading.clearProof, certificates: reading.certificates, hopLimit: packet.hopLimit,
                hasPartialChecksum: packet.hasPartialChecksum)
        }
    }

    /// What was made of the content of a message.
    struct Reading {
        var opening = Opening.clear
        var clearProof = Proof.notChecked
        var natDiscovery: [NATDiscoveryMatch] = []
        var certificates: CertificateReport?
        var quickMode: ChildNegotiation?
        var liveness: Liveness?
    }

    private func arrived(_ arrival: Arrival, _ bytes: RawSpan) {
        let key = MessageMemory.key(arrival.message.bytes)
        if let (entry, repetition) = memory.repetition(key, arrival.packet) {
            repeated(arrival, entry, repetition, bytes)
            return
        }
        guard let state = state(of: arrival, bytes) else {
            let step = ExchangeStep.unplaced(arrival.message.header, arrival.packet)
            var reading = Reading()
            if step == .groupKeyPush, !arrival.message.ciphertext.isEmpty {
                reading.opening = .sealed(why: "the key of its group (KEK) is not known")
            }
            let event = arrival.event(nil, sender: .initiator, step: step, reading)
            remember(arrival, key, event, ikeSA: 0)
            emitter.emit(.ikeMessage(event), of: arrival.packet, bytes)
            return
        }
        defer { touch(state, arrival) }
        var sender = state.sender(of: arrival.packet, expected: expectedSender(arrival.message.header, state))
        if isAnsweredTooSoon(arrival.message, sender, state) {
            state.swapRoles()
            state.opener = unsealer.isEmpty ? nil : unsealer.opener(for: state.facts)
            sender = sender.other
        }
        if arrival.message.header.majorVersion == 1, arrival.message.header.nextPayload == .fragment,
            arrival.fragments == 0
        {
            fragment(arrival, key, state, sender, bytes)
        } else if arrival.message.header.majorVersion == 1 {
            follow(arrival, key, state, sender, bytes)
        } else {
            followV2(arrival, key, state, sender, bytes)
        }
    }

    /// Notes that the message was one of this SA, once it was followed, and tells what had to go for what it holds now.
    private func touch(_ state: SAState, _ arrival: Arrival) {
        tell(evicted: table.touch(state), arrival)
    }

    private func tell(evicted: Int, _ arrival: Arrival) {
        guard evicted > 0 else { return }
        emitter.emit(.evicted(table: "IKE SAs", count: evicted), at: arrival.packet.frame.time)
    }

    private func remember(_ arrival: Arrival, _ key: Int, _ event: IKEMessage, ikeSA: Int) {
        memory.remember(
            key, arrival.packet, ikeSA: ikeSA, sender: event.sender, step: event.step, opening: event.opening,
            clearProof: event.clearProof)
    }

    private func repeated(
        _ arrival: Arrival, _ entry: MessageMemory.Entry, _ repetition: IKEMessage.Repetition, _ bytes: RawSpan
    ) {
        let state = table[entry.ikeSA]
        if let state {
            if case .sighting = repetition {
                state.alias(arrival.packet, sender: entry.sender)
            }
            touch(state, arrival)
        }
        let arrival = state.map { arrival.read(as: entry.step, of: $0) } ?? arrival
        let outcome = memory.outcome(of: entry)
        var reading = Reading(opening: outcome.opening, clearProof: outcome.proof)
        if let state {
            let chain = outcome.opening.readable(clear: arrival.message.chain)
            reading.natDiscovery = natDiscovery(arrival, chain, state)
            reading.certificates = certificates(arrival, chain, state, entry.sender)
            reading.quickMode = state.quickModes[arrival.message.header.messageID]
        }
        let event = arrival.event(
            state?.sa, sender: entry.sender, step: entry.step, repetition: repetition, reading)
        let isFragment = arrival.message.header.nextPayload == .fragment && arrival.message.header.majorVersion == 1
        emitter.emit(
            isFragment ? .ikeFragment(event) : .ikeMessage(event), of: arrival.packet, ikeSA: state?.sa.id, bytes)
    }

    private func fragment(_ arrival: Arrival, _ key: Int, _ state: SAState, _ sender: Role, _ bytes: RawSpan) {
        let step = ExchangeStep.other(arrival.message.header.exchange)
        let event = arrival.event(state.sa, sender: sender, step: step)
        remember(arrival, key, event, ikeSA: state.sa.id)
        emitter.emit(.ikeFragment(event), of: arrival.packet, ikeSA: state.sa.id, bytes)
        guard case .fragment(let content) = arrival.message.chain.first(.fragment)?.content,
            let whole = state.fragments.add(
                content, arrival.message.chain.slice(content.data), from: sender, frames: arrival.frames, limits)
        else { return }
        do throws(DecodeError) {
            let message = try ISAKMPMessage(bytes: whole.bytes)
            // A fragment inside a fragment is nobody's honest message.
            guard message.header.nextPayload != .fragment else { return }
            let joined = Arrival(
                packet: arrival.packet, message: message, frames: whole.frames, fragments: whole.count)
            arrived(joined, bytes)
        } catch {
            emitter.emit(.malformed(MalformedPacket(layer: .isakmp, error: error)), of: arrival.packet, bytes)
        }
    }

    // MARK: Which SA

    private func state(of arrival: Arrival, _ bytes: RawSpan) -> SAState? {
        let header = arrival.message.header
        guard header.majorVersion == 1 || header.majorVersion == 2, header.initiatorSPI != 0 else { return nil }
        // Its cookies are the SPI of a key of the group, not those of an IKE SA.
        if ExchangeStep.unplaced(header, arrival.packet) == .groupKeyPush { return nil }
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
                id: id, majorVersion: header.majorVersion, initiatorSPI: header.initiatorSPI,
                responderSPI: header.responderSPI, initiator: arrival.packet.source,
                responder: arrival.packet.destination)
            let state = SAState(sa, isSeenFromStart: header.responderSPI == 0, begun: arrival.packet.frame)
            state.sa.isGDOI = arrival.packet.isOnGroupPort
            return state
        }
        // When an IKEv2 negotiation is through is not followed.
        if state.isSeenFromStart, header.majorVersion == 1 { state.sa.crosses = table.crossing(state) }
        if let first { beside(first, state) } else if isFromResponder(arrival) { state.swapRoles() }
        if header.majorVersion == 2 { unsealer.note(unopened: state.sa) }
        if !unsealer.isEmpty, header.majorVersion == 1 { state.opener = unsealer.opener(for: state.facts) }
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

    private func expectedSender(_ header: ISAKMPHeader, _ state: SAState) -> Role {
        if header.majorVersion == 2 { return header.flags.contains(.initiator) ? .initiator : .responder }
        return header.responderSPI == 0 || state.sa.position % 2 == 0 ? .initiator : .responder
    }

    /// The "answer" to the first KE that was seen is encrypted: so that KE was the answer itself.
    private func isAnsweredTooSoon(_ message: ISAKMPMessage, _ sender: Role, _ state: SAState) -> Bool {
        !state.isSeenFromStart && state.sa.mode == .main && sender == .responder && !message.ciphertext.isEmpty
            && message.header.exchange == .identityProtection && state.facts.initiatorKE != nil
            && state.facts.responderKE == nil && state.sa.position <= 3
    }

    // MARK: Following

    private func followV2(_ arrival: Arrival, _ key: Int, _ state: SAState, _ sender: Role, _ bytes: RawSpan) {
        state.moved(arrival.packet, sender: sender)
        let event = arrival.event(state.sa, sender: sender, step: .ikev2)
        remember(arrival, key, event, ikeSA: state.sa.id)
        emitter.emit(.ikeMessage(event), of: arrival.packet, ikeSA: state.sa.id, bytes)
    }

    private func follow(_ arrival: Arrival, _ key: Int, _ state: SAState, _ sender: Role, _ bytes: RawSpan) {
        let before = state.sa.position
        state.moved(arrival.packet, sender: sender)
        let step = step(of: arrival.message, sender, state)
        let arrival = arrival.read(as: step, of: state)
        let message = arrival.message
        state.learn(message.chain, step, from: sender)
        state.opener?.learn(state.facts)
        if state.sa.connectionID == nil, state.sa.hasKeys(message) {
            connections += 1
            state.sa.connectionID = connections
        }
        var reading = Reading()
        (reading.opening, reading.clearProof) = open(message, state, sender, step)
        state.advance(to: step, reading.opening)
        let chain = reading.opening.readable(clear: message.chain)
        if let chain { state.identities(chain, step, from: sender) }
        reading.natDiscovery = natDiscovery(arrival, chain, state)
        reading.certificates = certificates(arrival, chain, state, sender)
        if let chain { state.show(chain, step, from: sender, limits) }
        var made: ChildNegotiation?
        if case .quickMode(let number) = step {
            made = quickMode(number, message.header, chain, state, sender)
        }
        reading.quickMode = state.quickModes[message.header.messageID]
        if let chain { reading.liveness = state.liveness(chain, from: sender, frames: arrival.frames) }
        let event = arrival.event(state.sa, positionBefore: before, sender: sender, step: step, reading)
        remember(arrival, key, event, ikeSA: state.sa.id)
        tellKeys(state, arrival, bytes)
        emitter.emit(.ikeMessage(event), of: arrival.packet, ikeSA: state.sa.id, bytes)
        if let made { children(of: made, state, arrival, bytes) }
        if case .quickMode(let number) = step, number >= 3 { state.settle(arrival.message.header.messageID, limits) }
    }

    private func open(
        _ message: ISAKMPMessage, _ state: SAState, _ sender: Role, _ step: ExchangeStep
    ) -> (Opening, Proof) {
        guard !message.ciphertext.isEmpty else {
            return (.clear, state.opener?.prove(message, from: sender, step: step) ?? .notChecked)
        }
        return (
            state.opener?.open(message, from: sender, step: step) ?? .sealed(why: "no keys were given"), .notChecked
        )
    }

    /// What the CERT payloads of a message say, together with those that its sender showed before.
    private func certificates(
        _ arrival: Arrival, _ chain: PayloadChain?, _ state: SAState, _ sender: Role
    ) -> CertificateReport? {
        guard let chain, chain.contains(.certificate) || chain.contains(.signature) else { return nil }
        let isInitiator = sender == .initiator
        let context = CertificateContext(
            earlier: state.facts.certificates(of: sender),
            identity: isInitiator ? state.facts.initiatorIDBody : state.facts.responderIDBody,
            time: arrival.packet.frame.time,
            signer: !chain.contains(.signature) ? nil : state.opener?.signer(sender))
        return unsealer.certificates(in: chain, context)
    }

    /// Says which keys open an SA, or what is missing, when that is not what was said last.
    private func tellKeys(_ state: SAState, _ arrival: Arrival, _ bytes: RawSpan) {
        guard !arrival.message.ciphertext.isEmpty else { return }
        let status = state.opener?.status ?? .none
        guard !status.saysTheSame(as: state.toldKeys) else { return }
        state.toldKeys = status
        emitter.emit(.ikeKeys(state.sa, status), of: arrival.packet, ikeSA: state.sa.id, bytes)
    }

    private func children(of mode: ChildNegotiation, _ state: SAState, _ arrival: Arrival, _ bytes: RawSpan) {
        let keys = state.opener?.childKeys(of: mode) ?? ChildKeys(status: .none)
        let made = ChildSA.all(of: mode, in: state.sa, keys: keys.status)
        for child in made {
            emitter.emit(.ipsecSAs(child), of: arrival.packet, ikeSA: state.sa.id, bytes)
        }
        ipsec.learn(keys, of: made, in: state.sa, between: state)
    }
}

extension KeyStatus {
    /// Whether there is no news in this.
    fileprivate func saysTheSame(as other: KeyStatus?) -> Bool {
        switch (self, other) {
        case (.opened(let a), .opened(let b)): a == b
        // The words grow with each message that was tried in vain.
        case (.none, .some(.none)), (.missing, .missing), (.wrong, .wrong): true
        default: false
        }
    }
}
