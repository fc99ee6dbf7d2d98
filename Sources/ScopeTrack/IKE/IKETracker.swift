import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows IKE: places each message in its SA and exchange, has it opened, and tells what it changed.
final class IKETracker {
    let unsealer: any Unsealer
    let limits: Limits
    let emitter: Emitter
    let ipsec: IPsecTracker
    var table: SATable
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
            arrived(Arrival(message, in: packet, frames: packet.frames), bytes)
        } catch {
            var error = error
            error.offset += range.lowerBound
            emitter.emit(.malformed(MalformedPacket(layer: .isakmp, error: error)), of: packet, bytes)
        }
    }

    private func arrived(_ arrival: Arrival, _ bytes: RawSpan) {
        if let (entry, repetition) = memory.repetition(arrival.key, arrival.packet) {
            repeated(arrival, entry, repetition, bytes)
            return
        }
        guard let state = state(of: arrival, bytes) else {
            let step = Step.unplaced(arrival.message.header, arrival.packet)
            var reading = Reading()
            if step == .v1(.groupKeyPush), !arrival.message.ciphertext.isEmpty {
                reading.opening = .sealed(why: "the key of its group (KEK) is not known")
            }
            let event = arrival.event(nil, sender: .initiator, step: step, reading)
            remember(arrival, event, ikeSA: 0)
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
            fragment(arrival, state, sender, bytes)
        } else if arrival.message.header.majorVersion == 1 {
            follow(arrival, state, sender, bytes)
        } else {
            followV2(arrival, state, sender, bytes)
        }
    }

    /// Notes that the message was one of this SA, once it was followed, and tells what had to go for what it holds now.
    private func touch(_ state: SAState, _ arrival: Arrival) {
        tell(evicted: table.touch(state), arrival)
    }

    func tell(evicted: Int, _ arrival: Arrival) {
        guard evicted > 0 else { return }
        emitter.emit(.evicted(table: "IKE SAs", count: evicted), at: arrival.packet.frame.time)
    }

    private func remember(_ arrival: Arrival, _ event: IKEMessage, ikeSA: Int) {
        memory.remember(
            arrival.key, arrival.packet, ikeSA: ikeSA, sender: event.sender, step: event.step, opening: event.opening,
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

    private func fragment(_ arrival: Arrival, _ state: SAState, _ sender: Role, _ bytes: RawSpan) {
        let step = Step.v1(.other(arrival.message.header.exchange))
        let event = arrival.event(state.sa, sender: sender, step: step)
        remember(arrival, event, ikeSA: state.sa.id)
        emitter.emit(.ikeFragment(event), of: arrival.packet, ikeSA: state.sa.id, bytes)
        guard case .fragment(let content) = arrival.message.chain.first(.fragment)?.content,
            let whole = state.fragments.add(
                content, arrival.message.chain.slice(content.data), from: sender, frames: arrival.frames, limits)
        else { return }
        do throws(DecodeError) {
            let message = try ISAKMPMessage(bytes: whole.bytes)
            // A fragment inside a fragment is nobody's honest message.
            guard message.header.nextPayload != .fragment else { return }
            let joined = Arrival(message, in: arrival.packet, frames: whole.frames, fragments: whole.count)
            arrived(joined, bytes)
        } catch {
            emitter.emit(.malformed(MalformedPacket(layer: .isakmp, error: error)), of: arrival.packet, bytes)
        }
    }

    // MARK: Following

    private func followV2(_ arrival: Arrival, _ state: SAState, _ sender: Role, _ bytes: RawSpan) {
        state.moved(arrival.packet, sender: sender)
        let event = arrival.event(state.sa, sender: sender, step: .v2(IKEv2Step(arrival.message.header)))
        remember(arrival, event, ikeSA: state.sa.id)
        emitter.emit(.ikeMessage(event), of: arrival.packet, ikeSA: state.sa.id, bytes)
    }

    private func follow(_ arrival: Arrival, _ state: SAState, _ sender: Role, _ bytes: RawSpan) {
        let before = state.sa.position
        state.moved(arrival.packet, sender: sender)
        let step = step(of: arrival.message, sender, state)
        let arrival = arrival.read(as: .v1(step), of: state)
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
            made = quickMode(number, message.header, chain, of: state, from: sender)
        }
        reading.quickMode = state.quickModes[message.header.messageID]
        if let chain { reading.liveness = state.liveness(chain, from: sender, frames: arrival.frames) }
        let event = arrival.event(state.sa, positionBefore: before, sender: sender, step: .v1(step), reading)
        remember(arrival, event, ikeSA: state.sa.id)
        tellKeys(state, arrival, bytes)
        emitter.emit(.ikeMessage(event), of: arrival.packet, ikeSA: state.sa.id, bytes)
        if let made { children(of: made, state, arrival, bytes) }
        if case .quickMode(let number) = step, number >= 3 {
            state.settle(arrival.message.header.messageID, limits)
        }
    }

    private func open(
        _ message: ISAKMPMessage, _ state: SAState, _ sender: Role, _ step: IKEv1Step
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
