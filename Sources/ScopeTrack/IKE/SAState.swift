import ScopeDissect
import ScopeModel
import ScopeWire

/// All that the tracker knows of one IKE SA.
final class SAState: Peers {
    var sa: IKESA
    var facts: Phase1Facts
    /// Nil when no keys were given.
    var opener: (any IKESAOpener)?
    var quickModes = ExchangeTable<ChildNegotiation>()
    /// Who began those that are through, of which nothing else is needed.
    private(set) var settledModes = ExchangeTable<Role>()
    /// Messages seen of each Transaction and New Group exchange.
    var counts = ExchangeTable<Int>()
    var fragments = FragmentAssembly()
    /// The last R-U-THERE of each side.
    var questions: [Role: LivenessQuestion] = [:]
    /// What was said of its keys last.
    var toldKeys: KeyStatus?
    /// The capture shows its first message.
    var isSeenFromStart: Bool
    /// When and in which frame it was seen first.
    let begun: (time: Instant, frame: Int)
    /// The answer's SPI came in a message that anyone may have sent.
    var isResponderSPIProvisional = false
    /// Where the table has it.
    enum Keeping { case attempt, settled, gone }

    var keeping = Keeping.attempt
    /// What the table has noted of it.
    var indexedSPI: UInt64?
    var indexed: [IPAddress] = []
    var begunBetween: (from: IPAddress, to: IPAddress)?
    var sizeClass: Int?
    /// Where the sides were seen beside `sa.initiator` and `sa.responder`: at the other side of a NAT.
    private(set) var aliases: [(role: Role, endpoint: Endpoint)] = []

    private static let mostAliases = 8

    init(_ sa: IKESA, isSeenFromStart: Bool, begun: Frame) {
        self.sa = sa
        self.sa.firstFrame = begun.number
        self.isSeenFromStart = isSeenFromStart
        self.begun = (begun.time, begun.number)
        facts = Phase1Facts(
            initiatorSPI: sa.initiatorSPI, responderSPI: sa.responderSPI, initiatorAddress: sa.initiator.address,
            responderAddress: sa.responder.address)
    }

    /// True when one end of `packet` is one of this SA's.
    func involves(_ packet: Packet) -> Bool { has(packet.source.address) || has(packet.destination.address) }

    /// True when both ends of `packet` are this SA's.
    func joins(_ packet: Packet) -> Bool { has(packet.source.address) && has(packet.destination.address) }

    func has(_ address: IPAddress) -> Bool {
        sa.initiator.address == address || sa.responder.address == address
            || aliases.contains { $0.endpoint.address == address }
    }

    /// The role whose endpoint this is, by address and port, else by address alone; nil when it is nobody's or both's.
    private func role(at endpoint: Endpoint) -> Role? {
        onlyRole { $0 == endpoint } ?? onlyRole { $0.address == endpoint.address }
    }

    private func onlyRole(at isThere: (Endpoint) -> Bool) -> Role? {
        var isInitiator = isThere(sa.initiator)
        var isResponder = isThere(sa.responder)
        for alias in aliases where isThere(alias.endpoint) {
            if alias.role == .initiator { isInitiator = true } else { isResponder = true }
        }
        if isInitiator == isResponder { return nil }
        return isInitiator ? .initiator : .responder
    }

    /// Who sent `packet`; `expected` where its addresses do not tell.
    func sender(of packet: Packet, expected: Role) -> Role {
        role(at: packet.source) ?? role(at: packet.destination)?.other ?? expected
    }

    /// Keeps a Quick Mode as it stands now.
    func keep(_ mode: ChildNegotiation, _ limits: Limits) {
        quickModes.set(
            mode, for: mode.messageID, limit: limits.exchangesPerSA, cost: mode.footprint,
            bytes: limits.exchangeBytesPerSA)
    }

    /// A Quick Mode is through: lets go of what only the negotiation needed, of which there may be many SAs.
    func settle(_ messageID: UInt32, _ limits: Limits) {
        if var mode = quickModes[messageID] {
            mode.settle()
            if mode.isThrough {
                quickModes.remove(messageID)
                settledModes.set(mode.initiatedBy, for: messageID, limit: limits.exchangesPerSA)
            } else {
                keep(mode, limits)
            }
        }
        guard sa.isEstablished, opener?.isSettled ?? true, facts.initiatorSABody != nil || sa.offer != nil else {
            return
        }
        facts.settle()
        sa.offer = nil
        opener?.learn(facts)
    }

    /// Notes where the sides are now.
    func moved(_ packet: Packet, sender: Role) {
        sa.initiator = sender == .initiator ? packet.source : packet.destination
        sa.responder = sender == .initiator ? packet.destination : packet.source
    }

    /// Notes where the sides are at another point of the capture.
    func alias(_ packet: Packet, sender: Role) {
        for (role, endpoint) in [(sender, packet.source), (sender.other, packet.destination)]
        where endpoint != sa.endpoint(of: role)
            && !aliases.contains(where: { $0.role == role && $0.endpoint == endpoint })
        {
            if aliases.count >= Self.mostAliases { aliases.removeFirst() }
            aliases.append((role, endpoint))
        }
    }

    /// The sides were taken for each other: the capture began in the middle.
    func swapRoles() {
        (sa.initiator, sa.responder) = (sa.responder, sa.initiator)
        (facts.initiatorAddress, facts.responderAddress) = (facts.responderAddress, facts.initiatorAddress)
        (facts.initiatorKE, facts.responderKE) = (facts.responderKE, facts.initiatorKE)
        (facts.initiatorNonce, facts.responderNonce) = (facts.responderNonce, facts.initiatorNonce)
        aliases = aliases.map { ($0.role.other, $0.endpoint) }
    }
}

/// Exchanges of one IKE SA by message id, the oldest of which go first.
struct ExchangeTable<Value> {
    private var entries: [(id: UInt32, value: Value, cost: Int)] = []
    /// What its values hold, in bytes.
    private(set) var cost = 0

    var isEmpty: Bool { entries.isEmpty }

    subscript(id: UInt32) -> Value? { entries.last { $0.id == id }?.value }

    /// Frees the memory as well: most exchanges are the only one of their time.
    mutating func remove(_ id: UInt32) {
        entries = entries.filter { $0.id != id }
        cost = entries.reduce(0) { $0 + $1.cost }
    }

    /// - Parameters:
    ///   - cost: the bytes that `value` holds.
    ///   - bytes: what all values may hold; the newest stays whatever it holds.
    mutating func set(_ value: Value, for id: UInt32, limit: Int, cost: Int = 0, bytes: Int = .max) {
        if let index = entries.lastIndex(where: { $0.id == id }) {
            self.cost += cost - entries[index].cost
            entries[index].value = value
            entries[index].cost = cost
        } else {
            entries.append((id, value, cost))
            self.cost += cost
        }
        while entries.count > 1, entries.count > limit || self.cost > bytes, let first = entries.first,
            first.id != id || entries.count > limit
        {
            self.cost -= first.cost
            entries.removeFirst()
        }
    }
}
