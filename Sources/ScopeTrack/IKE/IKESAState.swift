import ScopeDissect
import ScopeModel
import ScopeWire

/// What the tracker knows of one IKE SA of either version; its follower knows the rest.
final class IKESAState: Peers {
    var sa: IKESA
    /// What follows it, and holds what its version alone needs.
    var follower: any Follower
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

    init(_ sa: IKESA, _ follower: any Follower, isSeenFromStart: Bool, begun: Frame) {
        self.sa = sa
        self.follower = follower
        self.isSeenFromStart = isSeenFromStart
        self.begun = (begun.time, begun.number)
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

    /// Notes where the sides are now.
    func moved(_ packet: Packet, sender: Role) {
        let (initiator, responder) =
            sender == .initiator ? (packet.source, packet.destination) : (packet.destination, packet.source)
        // A value that stays needs no copy of the others.
        if sa.initiator != initiator { sa.initiator = initiator }
        if sa.responder != responder { sa.responder = responder }
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
        follower.swapRoles()
        aliases = aliases.map { ($0.role.other, $0.endpoint) }
    }
}
