import ScopeModel
import ScopeWire

/// What went over each pair of UDP ports between two addresses: behind one address several peers may stand, and a NAT tells
/// them apart by their ports alone (RFC 3948 section 5).
struct Lanes {
    struct Lane {
        /// Of the initiator of the pair, and of its responder.
        let ports: PortPair
        var path = PathFacts()
        /// ESP packets of each side since the other one's last.
        var unanswered = (initiator: 0, responder: 0)
        /// The last ESP packet of each side.
        var lastESP: (initiator: Instant?, responder: Instant?)
        var fromInitiator = 0
        var fromResponder = 0
    }

    private(set) var all: [Lane] = []
    private var current = 0
    /// More are not told apart.
    private static let most = 16

    var heldBytes: Int { all.count * MemoryLayout<Lane>.stride }

    /// Notes a packet in UDP; of IKE alone there is nothing to be told apart, and there are very many that try.
    mutating func note(_ ports: PortPair, isFromInitiator: Bool, isESP: Bool, _ event: Event) {
        guard isESP || !all.isEmpty else { return }
        if current >= all.count || all[current].ports != ports {
            if let known = all.firstIndex(where: { $0.ports == ports }) {
                current = known
            } else {
                guard all.count < Self.most else { return }
                all.append(Lane(ports: ports))
                current = all.count - 1
            }
        }
        all[current].path.note(fromInitiator: isFromInitiator, .udpEncapsulated, event)
        if isFromInitiator { all[current].fromInitiator += 1 } else { all[current].fromResponder += 1 }
        guard isESP else { return }
        all[current].path.isEncapsulated = true
        if isFromInitiator {
            all[current].unanswered = (all[current].unanswered.initiator + 1, 0)
            all[current].lastESP.initiator = event.time
        } else {
            all[current].unanswered = (0, all[current].unanswered.responder + 1)
            all[current].lastESP.responder = event.time
        }
    }

    /// Notes a keepalive.
    mutating func noteKeepalive(_ ports: PortPair, isFromInitiator: Bool, at time: Instant) {
        guard let index = all.firstIndex(where: { $0.ports == ports }) else { return }
        all[index].path[isFromInitiator].keepalives += 1
        all[index].path[isFromInitiator].last = time
    }
}
