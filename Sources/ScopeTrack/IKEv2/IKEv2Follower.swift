import ScopeDissect
import ScopeModel

/// Follows an IKE SA of IKEv2 (RFC 7296) as far as its headers tell: its messages are listed, none is opened.
final class IKEv2Follower: Follower {
    private let tools: FollowerTools

    static var version: IKEVersion { .v2 }
    static var tellsWhenUp: Bool { false }

    init(_ sa: IKESA, _ tools: FollowerTools) { self.tools = tools }

    static func unplaced(_ arrival: Arrival) -> Reading { Reading(.v2(IKEv2Step(arrival.message.header))) }
    static func belongsToNoSA(_ arrival: Arrival) -> Bool { false }
    static func mayBegin(with message: ISAKMPMessage) -> Bool { true }
    static func isFromResponder(_ arrival: Arrival) -> Bool { sender(arrival.message.header) == .responder }
    static func mayBeForged(_ header: ISAKMPHeader) -> Bool { false }

    /// The header says which side began the IKE SA (RFC 7296 section 3.1).
    private static func sender(_ header: ISAKMPHeader) -> Role {
        header.flags.contains(.initiator) ? .initiator : .responder
    }

    func twin(of first: IKESAState, in state: IKESAState) -> any Follower { IKEv2Follower(state.sa, tools) }
    func begin(in state: IKESAState) { tools.unsealer.note(unopened: state.sa) }
    func answered(responderSPI: UInt64) {}
    func swapRoles() {}
    func isBegunAnew(by message: ISAKMPMessage, in state: IKESAState) -> Bool { false }

    func sender(of arrival: Arrival, in state: IKESAState) -> Role {
        state.sender(of: arrival.packet, expected: Self.sender(arrival.message.header))
    }

    func follow(_ arrival: inout Arrival, from sender: Role, in state: IKESAState) -> Reading {
        state.moved(arrival.packet, sender: sender)
        return Reading(.v2(IKEv2Step(arrival.message.header)))
    }

    func reread(
        _ arrival: inout Arrival, as step: Step, from sender: Role, _ outcome: MessageMemory.Outcome,
        in state: IKESAState
    ) -> Reading {
        Reading(step, opening: outcome.opening, clearProof: outcome.proof)
    }

    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys { ChildKeys(status: .none) }
    func settle(after reading: Reading, _ message: ISAKMPMessage, in state: IKESAState) {}
    func incomplete() -> [ReassemblyNotice] { [] }
    func statusAtEnd(in state: IKESAState) -> KeyStatus? { nil }
    var heldBytes: Int { 0 }
}

extension IKEv2Step {
    init(_ header: ISAKMPHeader) {
        self.init(header.exchange, isResponse: header.flags.contains(.response), messageID: header.messageID)
    }
}
