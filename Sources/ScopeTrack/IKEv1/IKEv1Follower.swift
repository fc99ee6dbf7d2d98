import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows an IKE SA of IKEv1 (RFC 2409): phase 1, and the exchanges under it.
final class IKEv1Follower: Follower {
    let tools: FollowerTools
    var facts: IKEv1Facts
    /// Nil when no keys were given.
    var opener: (any IKESAOpener)?
    var quickModes = ExchangeTable<ChildNegotiation>()
    /// Who began those that are through, of which nothing else is needed.
    var settledModes = ExchangeTable<Role>()
    /// Messages seen of each Transaction and New Group exchange.
    var counts = ExchangeTable<Int>()
    var fragments = FragmentAssembly()
    /// The last R-U-THERE of each side.
    var questions: [Role: LivenessQuestion] = [:]

    static var version: IKEVersion { .v1 }
    static var tellsWhenUp: Bool { true }

    init(_ sa: IKESA, _ tools: FollowerTools) {
        self.tools = tools
        facts = IKEv1Facts(
            initiatorSPI: sa.initiatorSPI, responderSPI: sa.responderSPI, initiatorAddress: sa.initiator.address,
            responderAddress: sa.responder.address)
    }

    func twin(of first: IKESAState, in state: IKESAState) -> any Follower {
        let twin = IKEv1Follower(state.sa, tools)
        twin.facts.initiatorAddress = facts.initiatorAddress
        twin.facts.responderAddress = facts.responderAddress
        twin.facts.initiatorSABody = facts.initiatorSABody
        state.sa.progress.phase1.mode = first.sa.phase1.mode
        state.sa.offer = first.sa.offer
        state.sa.progress.phase1.position = min(first.sa.phase1.position, 1)
        if first.sa.phase1.mode == .aggressive {
            twin.facts.initiatorKE = facts.initiatorKE
            twin.facts.initiatorNonce = facts.initiatorNonce
            twin.facts.initiatorIDBody = facts.initiatorIDBody
            state.sa.initiatorIdentity = first.sa.initiatorIdentity
        }
        return twin
    }

    func begin(in state: IKESAState) { opener = tools.unsealer.isEmpty ? nil : tools.unsealer.opener(for: facts) }

    func answered(responderSPI: UInt64) { facts.responderSPI = responderSPI }

    func swapRoles() {
        (facts.initiatorAddress, facts.responderAddress) = (facts.responderAddress, facts.initiatorAddress)
        (facts.initiatorKE, facts.responderKE) = (facts.responderKE, facts.initiatorKE)
        (facts.initiatorNonce, facts.responderNonce) = (facts.responderNonce, facts.initiatorNonce)
    }

    // MARK: Following

    func follow(_ arrival: inout Arrival, from sender: Role, in state: IKESAState) -> Reading {
        if arrival.message.header.nextPayload == .fragment, arrival.fragments == 0 {
            return fragment(arrival, from: sender)
        }
        let before = state.sa.phase1.position
        state.moved(arrival.packet, sender: sender)
        let step = step(of: arrival.message, sender, state)
        read(&arrival, as: step, of: state)
        let message = arrival.message
        learn(message.chain, step, from: sender, in: state)
        opener?.learn(facts)
        if state.sa.connectionID == nil, state.sa.hasKeys(message) { state.sa.connectionID = tools.nextConnection() }
        let reading = Reading(.v1(step))
        reading.positionBefore = before
        (reading.opening, reading.clearProof) = open(message, sender, step)
        state.advance(to: step, reading.opening, reading.clearProof)
        let chain = reading.opening.readable(clear: message.chain)
        if let chain { state.identities(chain, step, from: sender) }
        reading.natDiscovery = natDiscovery(arrival, chain, state)
        reading.certificates = certificates(arrival, chain, sender)
        if let chain { show(chain, step, from: sender, in: state) }
        if case .quickMode(let number) = step {
            reading.settled = quickMode(number, message.header, chain, from: sender)
        }
        reading.quickMode = quickModes[message.header.messageID]
        if let chain { reading.liveness = liveness(chain, from: sender, frames: arrival.frames) }
        if message.isEncrypted, !message.isCut { reading.keys = opener?.status ?? KeyStatus.none }
        return reading
    }

    func reread(
        _ arrival: inout Arrival, as step: Step, from sender: Role, _ outcome: MessageMemory.Outcome,
        in state: IKESAState
    ) -> Reading {
        if case .v1(let step) = step { read(&arrival, as: step, of: state) }
        let reading = Reading(step, opening: outcome.opening, clearProof: outcome.proof)
        let chain = outcome.opening.readable(clear: arrival.message.chain)
        reading.natDiscovery = natDiscovery(arrival, chain, state)
        reading.certificates = certificates(arrival, chain, sender)
        reading.quickMode = quickModes[arrival.message.header.messageID]
        return reading
    }

    /// Reads a message of a phase 1 whose payload bodies are encrypted one by one, if it is one.
    private func read(_ arrival: inout Arrival, as step: IKEv1Step, of state: IKESAState) {
        guard step.isPhase1 else { return }
        let sealing = state.sealing
        guard sealing != .none, !arrival.message.isEncrypted,
            let message = try? ISAKMPMessage(
                bytes: arrival.message.bytes, sealing: sealing, isCut: arrival.message.isCut)
        else { return }
        arrival.message = message
    }

    /// Keeps a piece of a message.
    private func fragment(_ arrival: Arrival, from sender: Role) -> Reading {
        let reading = Reading(.v1(.other(arrival.message.header.exchange)))
        reading.isFragment = true
        guard case .fragment(let content) = arrival.message.chain.first(.fragment)?.content,
            let whole = fragments.add(
                content, arrival.message.chain.slice(content.data), from: sender, frames: arrival.frames, tools.limits)
        else { return reading }
        do throws(DecodeError) {
            let message = try ISAKMPMessage(bytes: whole.bytes)
            // A fragment inside a fragment is nobody's honest message.
            guard message.header.nextPayload != .fragment else { return reading }
            reading.joined = .message(
                Arrival(message, in: arrival.packet, frames: whole.frames, fragments: whole.count))
        } catch {
            reading.joined = .malformed(error)
        }
        return reading
    }

    private func open(_ message: ISAKMPMessage, _ sender: Role, _ step: IKEv1Step) -> (Opening, Proof) {
        if message.isCut { return (message.isEncrypted ? .sealed(why: ISAKMPMessage.cutReason) : .clear, .notChecked) }
        guard !message.ciphertext.isEmpty else {
            return (.clear, opener?.prove(message, from: sender, step: step) ?? .notChecked)
        }
        return (opener?.open(message, from: sender, step: step) ?? .sealed(why: "no keys were given"), .notChecked)
    }

    /// What the CERT payloads of a message say, together with those that its sender showed before.
    private func certificates(_ arrival: Arrival, _ chain: PayloadChain?, _ sender: Role) -> CertificateReport? {
        guard let chain, chain.contains(.certificate) || chain.contains(.signature) else { return nil }
        let isInitiator = sender == .initiator
        let context = CertificateContext(
            earlier: facts.certificates(of: sender),
            identity: isInitiator ? facts.initiatorIDBody : facts.responderIDBody,
            time: arrival.packet.frame.time,
            signer: !chain.contains(.signature) ? nil : opener?.signer(sender))
        return tools.unsealer.certificates(in: chain, context)
    }

    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys {
        opener?.childKeys(of: negotiation) ?? ChildKeys(status: .none)
    }

    // MARK: The end

    func incomplete() -> [ReassemblyNotice] { fragments.incomplete() }

    func statusAtEnd(in state: IKESAState) -> KeyStatus? {
        // Aggressive Mode tells in the clear which PSK fits, also when nothing encrypted follows.
        state.sa.phase1.mode == .aggressive && state.sa.phase1.position >= 2 ? opener?.status : nil
    }

    var heldBytes: Int { facts.heldBytes + quickModes.cost + fragments.heldBytes }
}
