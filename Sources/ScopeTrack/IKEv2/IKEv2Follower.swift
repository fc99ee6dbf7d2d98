import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows an IKE SA of IKEv2 (RFC 7296): places each message in its exchange, has it opened, and says what it changed.
///
/// Who sent a message is what its header says (the Initiator flag, section 3.1), for by that its keys are chosen. A message
/// that keys were expected to open and did not is listed and changes nothing.
final class IKEv2Follower: Follower {
    let tools: FollowerTools
    let known: IKEv2State

    static var version: IKEVersion { .v2 }
    static var tellsWhenUp: Bool { false }

    init(_ sa: IKESA, _ tools: FollowerTools) {
        self.tools = tools
        known = IKEv2State(sa)
    }

    init(_ known: IKEv2State, _ tools: FollowerTools) {
        self.tools = tools
        self.known = known
    }

    static func unplaced(_ arrival: Arrival) -> Reading {
        let reading = Reading(.v2(IKEv2Step(arrival.message.header)))
        if arrival.message.isEncrypted { reading.opening = .sealed(why: "it belongs to no IKE SA") }
        return reading
    }

    static func belongsToNoSA(_ arrival: Arrival) -> Bool { false }
    static func mayBegin(with message: ISAKMPMessage) -> Bool { true }
    static func isFromResponder(_ arrival: Arrival) -> Bool { sender(arrival.message.header) == .responder }
    static func mayBeForged(_ header: ISAKMPHeader) -> Bool { false }

    private static func sender(_ header: ISAKMPHeader) -> Role {
        header.flags.contains(.initiator) ? .initiator : .responder
    }

    func twin(of first: IKESAState, in state: IKESAState) -> any Follower {
        guard let first = first.follower as? IKEv2Follower else { return IKEv2Follower(state.sa, tools) }
        return IKEv2Follower(IKEv2State(beside: first.known, responderSPI: state.sa.responderSPI), tools)
    }

    func begin(in state: IKESAState) {}

    func answered(responderSPI: UInt64) { known.facts.responderSPI = responderSPI }

    func swapRoles() {
        (known.facts.initiatorAddress, known.facts.responderAddress) = (
            known.facts.responderAddress, known.facts.initiatorAddress
        )
    }

    func isBegunAnew(by message: ISAKMPMessage, in state: IKESAState) -> Bool { known.isBegunAnew(by: message) }

    func sender(of arrival: Arrival, in state: IKESAState) -> Role { Self.sender(arrival.message.header) }

    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys {
        known.opener?.childKeys(of: negotiation) ?? ChildKeys(status: .none)
    }

    func settle(after reading: Reading, _ message: ISAKMPMessage, in state: IKESAState) {
        guard state.sa.isUp, known.facts.initiatorFirst != nil, let opener = known.opener, opener.isSettled else {
            return
        }
        known.facts.settle()
        opener.learn(known.facts)
    }

    func incomplete() -> [ReassemblyNotice] { known.fragments.incomplete() }
    func statusAtEnd(in state: IKESAState) -> KeyStatus? { nil }
    var heldBytes: Int { known.heldBytes }

    // MARK: Following

    func follow(_ arrival: inout Arrival, from sender: Role, in state: IKESAState) -> Reading {
        let message = arrival.message
        let reading = Reading(.v2(IKEv2Step(message.header)))
        if let whole = arrival.opened {
            let chain = message.chain(ofPlaintext: whole.plaintext, first: whole.first)
            opened(arrival, chain, whole.key, from: sender, state, reading)
            return reading
        }
        guard message.isEncrypted else {
            inClear(arrival, from: sender, state, reading)
            return reading
        }
        if message.isCut {
            reading.opening = .sealed(why: ISAKMPMessage.cutReason)
            unopened(arrival, from: sender, state, reading)
            return reading
        }
        switch opener(state)?.open(message, from: sender) {
        case .opened(let plaintext, let first, let key)?:
            known.isProved = true
            if let fragment = message.fragment {
                let piece = FragmentSet.Piece(
                    plaintext: plaintext, first: first, key: key, message: message, frames: arrival.frames)
                reading.isFragment = true
                // A piece is not shown: what is secret in it is known when the others are there.
                reading.opening = .opened(PayloadChain(), key: key, proof: .verified(.icv))
                reading.joined = known.fragments.add(piece, fragment, from: sender, tools.limits).map {
                    .opened(Arrival($0, in: arrival.packet))
                }
            } else {
                let chain = message.chain(ofPlaintext: plaintext, first: first)
                opened(arrival, chain, key, from: sender, state, reading)
            }
        case .sealed(let why)?: reading.opening = .sealed(why: why)
        case .unreadable(let tried)?: reading.opening = .unreadable(tried: tried)
        case nil: reading.opening = .sealed(why: "no keys were given")
        }
        reading.keys = known.opener?.status
        if !known.isProved { unopened(arrival, from: sender, state, reading) }
        return reading
    }

    func reread(
        _ arrival: inout Arrival, as step: Step, from sender: Role, _ outcome: MessageMemory.Outcome,
        in state: IKESAState
    ) -> Reading {
        let reading = Reading(step, opening: outcome.opening, clearProof: outcome.proof)
        let header = arrival.message.header
        if case .opened = outcome.opening { reading.isFragment = arrival.message.fragment != nil }
        if let chain = outcome.opening.readable(clear: arrival.message.chain) {
            reading.natDiscovery = natDetection(arrival, chain)
        }
        guard let exchange = known.exchange(header.messageID, begunBy: arrival.message.begunBy(sender)) else {
            return reading
        }
        reading.quickMode = exchange.child
        reading.v2 = IKEv2Reading(
            purpose: exchange.purpose, request: header.flags.contains(.response) ? exchange.frame : nil)
        return reading
    }

    /// The opener of an SA: made when the first message needs it, as most first messages of a flood need none.
    private func opener(_ state: IKESAState) -> (any IKEv2SAOpener)? {
        if known.opener == nil, !tools.unsealer.isEmpty {
            known.opener = tools.unsealer.opener(for: known.facts)
        }
        return known.opener
    }

    // MARK: What cannot be read

    private func inClear(_ arrival: Arrival, from sender: Role, _ state: IKESAState, _ reading: Reading) {
        let (message, header) = (arrival.message, arrival.message.header)
        let isSetUp = header.exchange == .ikeSAInit || header.exchange == .ikeSessionResume
        if !known.isProved { state.moved(arrival.packet, sender: sender) }
        reading.natDiscovery = natDetection(arrival, message.chain)
        note(arrival, isSetUp ? initial(message, from: sender, state) : .unread, from: sender, reading)
    }

    /// Nothing but its header tells what it is.
    private func unopened(_ arrival: Arrival, from sender: Role, _ state: IKESAState, _ reading: Reading) {
        state.moved(arrival.packet, sender: sender)
        switch arrival.message.header.exchange {
        case .ikeAuth: state.sa.progress.reach(.proving)
        // Nobody begins one before both sides have proved themselves.
        case .createChildSA: state.sa.progress.bringUp(on: .inferred)
        default: break
        }
        note(arrival, .unread, from: sender, reading)
    }

    private func note(_ arrival: Arrival, _ purpose: IKEv2Purpose, from sender: Role, _ reading: Reading) {
        let header = arrival.message.header
        let isResponse = header.flags.contains(.response)
        let begunBy = arrival.message.begunBy(sender)
        var exchange = known.exchange(header.messageID, begunBy: begunBy) ?? MessageWindow.Exchange()
        if isResponse {
            exchange.answer = exchange.answer ?? arrival.frames.first
        } else {
            exchange.frame = arrival.frames.first
            exchange.purpose = purpose
        }
        known.keep(exchange, header.messageID, begunBy: begunBy, tools.limits)
        reading.v2 = IKEv2Reading(
            purpose: isResponse ? exchange.purpose : purpose, request: isResponse ? exchange.frame : nil,
            breaches: arrival.message.isEncrypted || arrival.message.isCut
                ? [] : MessageRule.breaches(of: arrival.message, arrival.message.chain))
    }
}

extension ISAKMPMessage {
    /// Why what the capture cut stays closed.
    static let cutReason = "cut by the capture"

    /// The number and the total of a message that is a piece of one.
    var fragment: IKEv2.Encrypted.Fragment? {
        for payload in chain.payloads {
            if case .ikev2(.encrypted(let content)) = payload.content { return content.fragment }
        }
        return nil
    }

    /// Who began the exchange of a message of IKEv2.
    func begunBy(_ sender: Role) -> Role { header.flags.contains(.response) ? sender.other : sender }
}

extension IKEv2Step {
    init(_ header: ISAKMPHeader) {
        self.init(header.exchange, isResponse: header.flags.contains(.response), messageID: header.messageID)
    }
}
