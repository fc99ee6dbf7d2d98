import ScopeDissect
import ScopeModel
import ScopeWire

/// The IKE SAs seen lately, found by their SPIs and their peers; bounded in number and in bytes.
///
/// Anyone can send first messages with any SPI from any address, so nothing here looks through all SAs of one SPI: what
/// may belong to a message is found by its SPIs, or by an SPI and an address, and of one such pair only the newest SAs
/// are considered.
struct SATable {
    private struct SPIs: Hashable {
        var initiator: UInt64
        var responder: UInt64
        var version: IKEVersion
    }

    private struct Peer: Hashable {
        var initiatorSPI: UInt64
        var address: IPAddress
    }

    private struct Direction: Hashable {
        var from: IPAddress
        var to: IPAddress
    }

    /// Those that have not come beyond their first answer: attempts, which are worth less than SAs.
    private var attempts = LeastUsedTable<Int, IKESAState>(limit: .max)
    private var settled = LeastUsedTable<Int, IKESAState>(limit: .max)
    /// Those that hold much, by the power of two of their bytes.
    private var large: [RecentTable<Int, Void>] = []
    /// How many have an initiator SPI.
    private var counts: [UInt64: Int32] = [:]
    /// The newest with these SPIs.
    private var bySPIs: [SPIs: Int] = [:]
    /// The newest with an initiator SPI and one end, in the order in which that was noted.
    private var byPeer: [Peer: [Int32]] = [:]
    /// The last one that each peer began with another.
    private var begun: [Direction: Int] = [:]
    private var made = 0
    private let limit: Int
    private let bytes: Int

    /// Longer than a device waits for the end of a negotiation.
    private static let patience: Int64 = 60_000_000_000
    /// Who has not been answered for so long was not heard: what the other side begins then is its own.
    private static let answerTime: Int64 = 10_000_000_000
    /// SAs with one initiator SPI and one end that are considered: more are a flood.
    private static let mostOfOnePeer = 64
    /// From this power of two on an SA is a large one.
    private static let largeBits = 12

    init(limit: Int, bytes: Int) {
        self.limit = max(limit, 16)
        self.bytes = max(bytes, 1 << 16)
        large = Array(repeating: RecentTable(limit: .max), count: Int.bitWidth - Self.largeBits)
    }

    private var count: Int { attempts.count + settled.count }

    func knows(initiatorSPI spi: UInt64) -> Bool { counts[spi] != nil }

    subscript(id: Int) -> IKESAState? { settled[id] ?? attempts[id] }

    /// The SA that a message belongs to.
    func find(_ header: ISAKMPHeader, _ version: IKEVersion, _ packet: Packet) -> IKESAState? {
        guard counts[header.initiatorSPI] != nil else { return nil }
        if header.responderSPI != 0 {
            let spis = SPIs(initiator: header.initiatorSPI, responder: header.responderSPI, version: version)
            if let id = bySPIs[spis], let exact = self[id] { return exact }
        }
        let (near, far) = candidates(header.initiatorSPI, packet)
        guard header.responderSPI != 0 else {
            return newest(near) { $0.sa.version == version && $0.joins(packet) }
        }
        let isOpen = { (state: IKESAState) in
            state.sa.version == version && (state.sa.responderSPI == 0 || state.isResponderSPIProvisional)
        }
        // A peer may answer from another of its addresses.
        return newest(near) { isOpen($0) && $0.joins(packet) }
            ?? newest(near) { isOpen($0) && $0.involves(packet) } ?? newest(far) { isOpen($0) && $0.involves(packet) }
    }

    /// The newest SA with these two SPIs.
    func exact(_ sa: IKESA) -> IKESAState? {
        let spis = SPIs(initiator: sa.initiatorSPI, responder: sa.responderSPI, version: sa.version)
        return bySPIs[spis].flatMap { self[$0] }
    }

    /// The SA that a second, different answer to its first message belongs beside.
    func answered(_ header: ISAKMPHeader, _ version: IKEVersion, _ packet: Packet) -> IKESAState? {
        let (near, far) = candidates(header.initiatorSPI, packet)
        let isIt = { (state: IKESAState) in
            state.sa.version == version && state.isSeenFromStart && state.involves(packet)
        }
        return newest(near, isIt) ?? newest(far, isIt)
    }

    /// The SAs with an initiator SPI at either end of a packet: at the end that has fewer of them, and at the other one.
    ///
    /// Whoever floods one peer under its SPI comes from many addresses; the real one has few.
    private func candidates(_ spi: UInt64, _ packet: Packet) -> (near: [Int32], far: [Int32]) {
        let source = byPeer[Peer(initiatorSPI: spi, address: packet.source.address)] ?? []
        let destination = byPeer[Peer(initiatorSPI: spi, address: packet.destination.address)] ?? []
        if source.isEmpty || destination.isEmpty { return (source + destination, []) }
        return source.count <= destination.count ? (source, destination) : (destination, source)
    }

    private func newest(_ ids: [Int32], _ isIt: (IKESAState) -> Bool) -> IKESAState? {
        var found: IKESAState?
        for id in ids {
            guard let state = self[Int(id)], state.sa.id > found?.sa.id ?? 0, isIt(state) else { continue }
            found = state
        }
        return found
    }

    /// The negotiation under way that the responder of `state` began with its initiator; notes that `state` began.
    mutating func crossing(_ state: IKESAState) -> Crossing? {
        let (initiator, responder) = (state.sa.initiator.address, state.sa.responder.address)
        begun[Direction(from: initiator, to: responder)] = state.sa.id
        state.begunBetween = (initiator, responder)
        guard let id = begun[Direction(from: responder, to: initiator)], let other = self[id], !other.sa.isUp,
            other.sa.version == state.sa.version,
            state.begun.time.since(other.begun.time) < (other.sa.responderSPI == 0 ? Self.answerTime : Self.patience)
        else { return nil }
        return Crossing(ikeSA: id, initiatorSPI: other.sa.initiatorSPI, frame: other.begun.frame)
    }

    // MARK: Changes

    /// Adds an SA; returns how many had to go for it.
    mutating func add(_ make: (_ id: Int) -> IKESAState) -> (state: IKESAState, evicted: Int) {
        let evicted = count >= limit ? shrink() : 0
        made += 1
        let state = make(made)
        counts[state.sa.initiatorSPI, default: 0] += 1
        attempts.insert(state, for: made)
        index(state)
        return (state, evicted)
    }

    /// Notes that a message of `state` came, where its ends are now and what it holds by now; returns how many had to go.
    mutating func touch(_ state: IKESAState) -> Int {
        let id = state.sa.id
        guard state.keeping != .gone else { return 0 }
        index(state)
        let held = state.heldBytes
        if state.keeping == .settled {
            settled.use(id, cost: held)
        } else if !state.sa.progress.isHalfOpen {
            attempts.remove(id)
            settled.insert(state, for: id, cost: held)
            state.keeping = .settled
        } else {
            attempts.use(id, cost: held)
        }
        let size = Self.size(held)
        if size != state.sizeClass {
            if let old = state.sizeClass { large[old].remove(id) }
            if let size { large[size].insert(id) }
            state.sizeClass = size
        }
        return attempts.cost + settled.cost > bytes ? relieve() : 0
    }

    /// Notes the SPIs and the ends of an SA that are not noted yet.
    mutating func index(_ state: IKESAState) {
        let responder = state.sa.responderSPI
        if responder != 0, state.indexedSPI != responder {
            forgetSPIs(state)
            bySPIs[spis(state, responder)] = state.sa.id
            state.indexedSPI = responder
        }
        for address in state.unindexed() {
            let peer = Peer(initiatorSPI: state.sa.initiatorSPI, address: address)
            byPeer[peer, default: []].append(Int32(truncatingIfNeeded: state.sa.id))
            state.indexed.append(address)
            trim(peer)
        }
    }

    private func spis(_ state: IKESAState, _ responder: UInt64) -> SPIs {
        SPIs(initiator: state.sa.initiatorSPI, responder: responder, version: state.sa.version)
    }

    private mutating func forgetSPIs(_ state: IKESAState) {
        guard let spi = state.indexedSPI, bySPIs[spis(state, spi)] == state.sa.id else { return }
        bySPIs[spis(state, spi)] = nil
    }

    private mutating func trim(_ peer: Peer) {
        // Half of them at once, so that this is rare.
        guard let ids = byPeer[peer], ids.count > 2 * Self.mostOfOnePeer else { return }
        byPeer[peer] = Array(ids.suffix(Self.mostOfOnePeer))
    }

    // MARK: Bounds

    /// Lets the sixteenth go that was not used for longest, attempts first: said as one event, not as thousands.
    private mutating func shrink() -> Int {
        let most = max(1, limit / 16)
        for _ in 0..<most {
            guard let (_, state) = attempts.removeOldest() ?? settled.removeOldest() else { break }
            forget(state)
        }
        return most
    }

    /// Lets the largest go until some room is made again.
    private mutating func relieve() -> Int {
        var gone = 0
        while attempts.cost + settled.cost > bytes - bytes / 16 {
            let id = large.last { !$0.isEmpty }?.oldest?.key
            guard
                let state = id.map({ attempts.remove($0) ?? settled.remove($0) }) ?? attempts.removeOldest()?.value
                    ?? settled.removeOldest()?.value
            else { break }
            forget(state)
            gone += 1
        }
        return gone
    }

    private mutating func forget(_ state: IKESAState) {
        let sa = state.sa
        state.keeping = .gone
        if let size = state.sizeClass { large[size].remove(sa.id) }
        if let (from, to) = state.begunBetween, begun[Direction(from: from, to: to)] == sa.id {
            begun[Direction(from: from, to: to)] = nil
        }
        forgetSPIs(state)
        for address in state.indexed {
            let peer = Peer(initiatorSPI: sa.initiatorSPI, address: address)
            guard var ids = byPeer.removeValue(forKey: peer) else { continue }
            ids.removeAll { $0 == Int32(truncatingIfNeeded: sa.id) }
            if !ids.isEmpty { byPeer[peer] = ids }
        }
        let left = (counts[sa.initiatorSPI] ?? 1) - 1
        counts[sa.initiatorSPI] = left > 0 ? left : nil
    }

    private static func size(_ bytes: Int) -> Int? {
        let bits = Int.bitWidth - max(bytes, 1).leadingZeroBitCount - 1
        return bits >= largeBits ? bits - largeBits : nil
    }

    /// All of them, in the order of first sight.
    var all: [IKESAState] {
        (attempts.entries.map(\.value) + settled.entries.map(\.value)).sorted { $0.sa.id < $1.sa.id }
    }
}
