import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows IKE: finds the SA of each message, has a follower read it, and tells what it changed.
final class IKETracker {
    let tools: FollowerTools
    let emitter: Emitter
    let ipsec: IPsecTracker
    var table: SATable
    private var memory: MessageMemory
    private var clock = CaptureClock()

    init(_ unsealer: any Unsealer, _ limits: Limits, _ emitter: Emitter, _ ipsec: IPsecTracker) {
        tools = FollowerTools(unsealer, limits)
        self.emitter = emitter
        self.ipsec = ipsec
        table = SATable(limit: limits.ikeSAs, bytes: limits.ikeBytes)
        memory = MessageMemory(limit: limits.rememberedMessages, bytes: limits.outcomeBytes)
    }

    func knows(initiatorSPI spi: UInt64) -> Bool { table.knows(initiatorSPI: spi) }

    func unusedKeys() -> [String] { tools.unsealer.unusedKeys() }

    func finish(at time: Instant) {
        for state in table.all {
            let scope = Scope(
                source: state.sa.initiator.address, destination: state.sa.responder.address, ikeSA: state.sa.id)
            for notice in state.follower.incomplete() {
                emitter.emit(.reassembly(notice), at: time, from: nil, .frame, scope)
            }
            if state.toldKeys == nil, let status = state.follower.statusAtEnd(in: state) {
                emitter.emit(.ikeKeys(state.sa, status), at: time, from: nil, .frame, scope)
            }
        }
    }

    /// Takes in the IKE message at `range` of `bytes`.
    ///
    /// - Parameter length: of the message on the wire, where the capture cut that field off.
    func message(_ packet: Packet, _ range: Range<Int>, length: UInt32? = nil, _ bytes: RawSpan) {
        clock.note(packet.frame)
        var packet = packet
        packet.noteIdentification(bytes)
        let range = range.clamped(to: 0..<bytes.byteCount)
        var copy = bytes.extracting(range).withUnsafeBytes { Array($0) }
        if let length {
            copy =
                copy.prefix(ISAKMPHeader.length - 4)
                + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
        }
        do throws(DecodeError) {
            let message = try ISAKMPMessage(bytes: copy, isCut: packet.isCut)
            arrived(Arrival(message, in: packet, frames: packet.frames), bytes)
        } catch {
            var error = error
            error.offset += range.lowerBound
            emitter.emit(.malformed(MalformedPacket(layer: .isakmp, error: error)), of: packet, bytes)
        }
    }

    private func arrived(_ arrival: Arrival, _ bytes: RawSpan) {
        if let (entry, repetition) = memory.repetition(arrival.key, arrival.packet, hasClock: !clock.isMissing) {
            repeated(arrival, entry, repetition, bytes)
            return
        }
        guard let kind = Self.kind(of: arrival.message.header) else {
            tell(arrival, nil, from: .initiator, Reading(.other(arrival.message.header.exchange)), bytes)
            return
        }
        guard let state = state(of: arrival, kind) else {
            tell(arrival, nil, from: .initiator, kind.unplaced(arrival), bytes)
            return
        }
        follow(arrival, state, bytes)
    }

    private func follow(_ arrival: Arrival, _ state: IKESAState, _ bytes: RawSpan) {
        var arrival = arrival
        defer { touch(state, arrival) }
        let sender = state.follower.sender(of: arrival, in: state)
        let reading = state.follower.follow(&arrival, from: sender, in: state)
        if let made = reading.successor {
            reading.v2 = reading.v2?.with(successor: succeed(state, made, arrival), made.rekeyNonce)
        }
        tell(arrival, state, from: sender, reading, bytes)
        if let settled = reading.settled { children(of: settled, state, arrival, bytes) }
        state.follower.settle(after: reading, arrival.message, in: state)
        switch reading.joined {
        case nil: break
        case .message(let whole): arrived(whole, bytes)
        case .opened(let whole): follow(whole, state, bytes)
        case .malformed(let error):
            emitter.emit(.malformed(MalformedPacket(layer: .isakmp, error: error)), of: arrival.packet, bytes)
        }
    }

    /// What follows the version of a message: the one place of the tracker that asks for it.
    private static func kind(of header: ISAKMPHeader) -> (any Follower.Type)? {
        switch IKEVersion(rawValue: header.majorVersion) {
        case .v1: IKEv1Follower.self
        case .v2: IKEv2Follower.self
        case nil: nil
        }
    }

    /// Notes that the message was one of this SA, once it was followed, and tells what had to go for what it holds now.
    private func touch(_ state: IKESAState, _ arrival: Arrival) {
        tell(evicted: table.touch(state), arrival)
    }

    private func repeated(
        _ arrival: Arrival, _ entry: MessageMemory.Entry, _ repetition: IKEMessage.Repetition, _ bytes: RawSpan
    ) {
        var arrival = arrival
        let outcome = memory.outcome(of: entry)
        var reading = Reading(entry.step, opening: outcome.opening, clearProof: outcome.proof)
        let state = table[entry.ikeSA]
        if let state {
            if case .sighting = repetition {
                state.alias(arrival.packet, sender: entry.sender)
            }
            touch(state, arrival)
            reading = state.follower.reread(&arrival, as: entry.step, from: entry.sender, outcome, in: state)
        }
        // Whoever sends it back did not write it.
        let sender = if case .reflection = repetition { entry.sender.other } else { entry.sender }
        let event = arrival.event(state?.sa, sender: sender, repetition: repetition, reading)
        let isFragment =
            reading.isFragment || entry.step.version == .v1 && arrival.message.header.nextPayload == .fragment
        emitter.emit(
            isFragment ? .ikeFragment(event) : .ikeMessage(event), of: arrival.packet, ikeSA: state?.sa.id, bytes)
    }

    // MARK: Telling

    /// Tells a message that came first, behind what is new of its keys, and remembers what became of it.
    private func tell(
        _ arrival: Arrival, _ state: IKESAState?, from sender: Role, _ reading: Reading, _ bytes: RawSpan
    ) {
        let event = arrival.event(state?.sa, sender: sender, reading)
        if arrival.opened == nil {
            memory.remember(
                arrival.key, arrival.packet, ikeSA: state?.sa.id ?? 0, sender: sender, step: event.step,
                opening: event.opening, clearProof: event.clearProof)
        }
        if let state, let status = reading.keys, !status.saysTheSame(as: state.toldKeys) {
            state.toldKeys = status
            emitter.emit(.ikeKeys(state.sa, status), of: arrival.packet, ikeSA: state.sa.id, bytes)
        }
        emitter.emit(
            reading.isFragment ? .ikeFragment(event) : .ikeMessage(event), of: arrival.packet, ikeSA: state?.sa.id,
            bytes)
    }

    func tell(evicted: Int, _ arrival: Arrival) {
        guard evicted > 0 else { return }
        emitter.emit(.evicted(table: "IKE SAs", count: evicted), at: arrival.packet.frame.time)
    }

    private func children(
        of negotiation: ChildNegotiation, _ state: IKESAState, _ arrival: Arrival, _ bytes: RawSpan
    ) {
        let keys = state.follower.childKeys(of: negotiation)
        let made = ChildSA.all(of: negotiation, in: state.sa, keys: keys.status)
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
