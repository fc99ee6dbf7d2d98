import ScopeDissect
import ScopeModel
import ScopeWire

/// The IKE SAs seen lately, by their SPIs.
struct SATable {
    private var byInitiatorSPI: [UInt64: [SAState]] = [:]
    private var byID: [Int: SAState] = [:]
    /// The last one that each peer began with another.
    private var begun: [Direction: Int] = [:]
    private var uses = 0
    private var made = 0
    private let limit: Int

    private struct Direction: Hashable {
        var from: IPAddress
        var to: IPAddress
    }

    /// Longer than a device waits for the end of a negotiation.
    private static let patience: Int64 = 60_000_000_000

    init(limit: Int) { self.limit = max(limit, 16) }

    func knows(initiatorSPI spi: UInt64) -> Bool { byInitiatorSPI[spi] != nil }

    subscript(id: Int) -> SAState? { byID[id] }

    /// The SA that a message belongs to.
    func find(_ header: ISAKMPHeader, _ packet: Packet) -> SAState? {
        guard let all = byInitiatorSPI[header.initiatorSPI] else { return nil }
        let version = header.majorVersion
        guard header.responderSPI != 0 else {
            return all.last { $0.sa.majorVersion == version && $0.joins(packet) }
        }
        let exact = all.last { $0.sa.majorVersion == version && $0.sa.responderSPI == header.responderSPI }
        if let exact { return exact }
        let isOpen = { (state: SAState) in
            state.sa.majorVersion == version && (state.sa.responderSPI == 0 || state.isResponderSPIProvisional)
        }
        // A peer may answer from another of its addresses.
        return all.last { isOpen($0) && $0.joins(packet) } ?? all.last { isOpen($0) && $0.involves(packet) }
    }

    /// The SA that a second, different answer to its first message belongs beside.
    func answered(_ header: ISAKMPHeader, _ packet: Packet) -> SAState? {
        byInitiatorSPI[header.initiatorSPI]?.last {
            $0.sa.majorVersion == header.majorVersion && $0.isSeenFromStart && $0.involves(packet)
        }
    }

    /// The negotiation under way that the responder of `state` began with its initiator; notes that `state` began.
    mutating func crossing(_ state: SAState) -> Crossing? {
        let (initiator, responder) = (state.sa.initiator.address, state.sa.responder.address)
        begun[Direction(from: initiator, to: responder)] = state.sa.id
        guard let id = begun[Direction(from: responder, to: initiator)], let other = byID[id], !other.sa.isEstablished,
            other.sa.majorVersion == state.sa.majorVersion,
            state.begun.time.since(other.begun.time) < Self.patience
        else { return nil }
        return Crossing(ikeSA: id, initiatorSPI: other.sa.initiatorSPI, frame: other.begun.frame)
    }

    mutating func touch(_ state: SAState) {
        uses += 1
        state.lastUse = uses
    }

    /// Adds an SA; returns how many had to go for it.
    mutating func add(_ make: (_ id: Int) -> SAState) -> (state: SAState, evicted: Int) {
        let evicted = byID.count >= limit ? shrink() : 0
        made += 1
        let state = make(made)
        byID[made] = state
        byInitiatorSPI[state.sa.initiatorSPI, default: []].append(state)
        touch(state)
        return (state, evicted)
    }

    /// All of them, in the order of first sight.
    var all: [SAState] { byID.values.sorted { $0.sa.id < $1.sa.id } }

    /// Lets the sixteenth go that was not used for longest: rare, and then cheap for long.
    private mutating func shrink() -> Int {
        let count = max(1, byID.count / 16)
        // Attempts that never got an answer are worth less than SAs.
        let order = byID.values.sorted {
            ($0.sa.position > 2 ? 1 : 0, $0.lastUse) < ($1.sa.position > 2 ? 1 : 0, $1.lastUse)
        }
        for state in order.prefix(count) {
            byID[state.sa.id] = nil
            let direction = Direction(from: state.sa.initiator.address, to: state.sa.responder.address)
            if begun[direction] == state.sa.id { begun[direction] = nil }
            let rest = (byInitiatorSPI[state.sa.initiatorSPI] ?? []).filter { $0 !== state }
            byInitiatorSPI[state.sa.initiatorSPI] = rest.isEmpty ? nil : rest
        }
        return count
    }
}
