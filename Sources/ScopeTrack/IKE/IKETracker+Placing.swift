import ScopeDissect
import ScopeModel
import ScopeWire

/// Which SA a message belongs to.
extension IKETracker {
    func state(of arrival: Arrival, _ kind: any Follower.Type) -> IKESAState? {
        let header = arrival.message.header
        guard header.initiatorSPI != 0, !kind.belongsToNoSA(arrival) else { return nil }
        if let known = table.find(header, kind.version, arrival.packet),
            !known.follower.isBegunAnew(by: arrival.message, in: known)
        {
            guard header.responderSPI != 0, known.sa.responderSPI != header.responderSPI else { return known }
            known.sa.responderSPI = header.responderSPI
            known.follower.answered(responderSPI: header.responderSPI)
            known.isResponderSPIProvisional = kind.mayBeForged(header)
            // A piece that completes a message is followed by that message at once.
            table.index(known)
            return known
        }
        guard kind.mayBegin(with: arrival.message) else { return nil }
        return begin(arrival, kind)
    }

    /// An SA of which this is the first message that was seen.
    private func begin(_ arrival: Arrival, _ kind: any Follower.Type) -> IKESAState {
        let header = arrival.message.header
        let first = header.responderSPI == 0 ? nil : table.answered(header, kind.version, arrival.packet)
        let (state, evicted) = table.add { id in
            var sa = IKESA(
                id: id, version: kind.version, initiatorSPI: header.initiatorSPI,
                responderSPI: header.responderSPI, initiator: arrival.packet.source,
                responder: arrival.packet.destination)
            sa.firstFrame = arrival.packet.frame.number
            sa.isGDOI = arrival.packet.isOnGroupPort
            return IKESAState(
                sa, kind.init(sa, tools), isSeenFromStart: header.responderSPI == 0, begun: arrival.packet.frame)
        }
        if state.isSeenFromStart, kind.tellsWhenUp { state.sa.crosses = table.crossing(state) }
        if let first {
            state.sa.initiator = first.sa.initiator
            state.sa.responder = first.sa.responder
            state.follower = first.follower.twin(of: first, in: state)
        } else if kind.isFromResponder(arrival) {
            state.swapRoles()
        }
        state.follower.begin(in: state)
        tell(evicted: evicted, arrival)
        return state
    }

    /// Has the SA that takes the place of `old`, which is found under its SPIs from now on.
    func succeed(_ old: IKESAState, _ made: Reading.Successor, _ arrival: Arrival) -> IKESA {
        if let known = table.exact(made.sa) {
            // Messages of it came before the one that makes it.
            if !known.sa.isUp {
                known.follower = made.follower
                known.sa.replaces = made.sa.replaces
            }
            return known.sa
        }
        let (state, evicted) = table.add { id in
            var sa = made.sa
            sa.id = id
            sa.firstFrame = arrival.packet.frame.number
            return IKESAState(sa, made.follower, isSeenFromStart: true, begun: arrival.packet.frame)
        }
        tell(evicted: evicted + table.touch(state), arrival)
        return state.sa
    }
}
