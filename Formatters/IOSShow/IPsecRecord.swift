import ScopeDissect
import ScopeModel
import ScopeWire

/// What a Quick Mode agreed on, as far as the views tell it.
final class Agreement: Sendable {
    let ikeSA: Int
    let ikeInitiator: IPAddress
    let ikeResponder: IPAddress
    /// The IKE SA that crosses that one.
    private let crosses: Int?
    let messageID: UInt32
    let initiatedBy: Role
    /// Of PFS.
    let group: DHGroup?
    let initiatorProxy: IdentificationPayload?
    let responderProxy: IdentificationPayload?
    let suite: ChildSuite
    /// A key opened the message that settled it, and its HASH is not wrong.
    let isOpened: Bool

    init(_ pair: ChildSA, isOpened: Bool) {
        ikeSA = pair.ikeSA.id
        ikeInitiator = pair.ikeSA.initiator.address
        ikeResponder = pair.ikeSA.responder.address
        crosses = pair.ikeSA.crosses?.ikeSA
        messageID = pair.negotiation.messageID
        initiatedBy = pair.negotiation.initiatedBy
        group = pair.negotiation.group
        initiatorProxy = pair.negotiation.initiatorProxy
        responderProxy = pair.negotiation.responderProxy
        suite = pair.suite
        self.isOpened = isOpened
    }

    func isCrossing(_ other: Agreement) -> Bool { crosses == other.ikeSA || other.crosses == ikeSA }

    /// Bytes that it holds, about.
    var cost: Int {
        512 + (initiatorProxy?.data.count ?? 0) + (responderProxy?.data.count ?? 0)
    }
}

/// A pair of IPsec SAs that a Quick Mode made, or one SA that only its packets show.
///
/// Its ends are the sides of the Quick Mode; of an SA that only its packets show, the sender is the initiator.
struct IPsecRecord {
    var id: Int
    var isAH: Bool
    var made: Instant
    var frame: Int
    /// Nil where no Quick Mode that could be read made it.
    let pair: Agreement?
    var initiator: Endpoint
    var responder: Endpoint
    /// On packets that go to the initiator.
    var spiToInitiator: UInt32?
    var spiToResponder: UInt32?
    /// Nil as long as no packet went that way.
    var toInitiator: Traffic?
    var toResponder: Traffic?
    var deletion: Deletion?
    var replaces: Int?
    var replacedBy: Int?
    var last: Instant
    /// Its lifetime ran out, and nothing was seen of it since.
    var isExpired = false

    /// - Parameter isOpened: a key opened the message that settled the pair.
    init(_ pair: ChildSA, isOpened: Bool, id: Int, at time: Instant, frame: Int) {
        self.id = id
        self.pair = Agreement(pair, isOpened: isOpened)
        isAH = pair.protocolID == .ah
        made = time
        last = time
        self.frame = frame
        initiator = pair.ikeSA.endpoint(of: pair.negotiation.initiatedBy)
        responder = pair.ikeSA.endpoint(of: pair.negotiation.initiatedBy.other)
        spiToInitiator = pair.spiToInitiator
        spiToResponder = pair.spiToResponder
    }

    init(
        spi: UInt32, isAH: Bool, from source: Endpoint, to destination: Endpoint, id: Int, at time: Instant, frame: Int
    ) {
        self.id = id
        pair = nil
        self.isAH = isAH
        made = time
        last = time
        self.frame = frame
        initiator = source
        responder = destination
        spiToResponder = spi
    }

    /// What is only claimed was never alive.
    var isAlive: Bool { deletion == nil && !isExpired && trust != .claimed }

    var trust: Trust {
        if pair?.isOpened ?? false || toInitiator?.verified ?? 0 > 0 || toResponder?.verified ?? 0 > 0 {
            return .proved
        }
        return pair == nil || toInitiator != nil || toResponder != nil ? .probable : .claimed
    }

    /// Why it is not proved; nil where it is.
    var doubt: StaticString? {
        switch trust {
        case .proved: nil
        case .probable: pair == nil ? "only its packets show it" : "only packets show it, and a Quick Mode in the clear"
        case .claimed: "only a Quick Mode in the clear speaks of it"
        }
    }

    /// Bytes that it holds, about.
    var cost: Int { 1024 + (pair?.cost ?? 0) }

    /// Who takes packets under one of its SPIs that go to `destination`.
    func role(under spi: UInt32, to destination: IPAddress) -> Role {
        guard spiToInitiator == spi else { return .responder }
        guard spiToResponder == spi else { return .initiator }
        return initiator.address == destination ? .initiator : .responder
    }

    func spi(to role: Role) -> UInt32? { role == .initiator ? spiToInitiator : spiToResponder }
    func traffic(to role: Role) -> Traffic { (role == .initiator ? toInitiator : toResponder) ?? Traffic() }
    func end(_ role: Role) -> Endpoint { role == .initiator ? initiator : responder }
    func proxy(of role: Role) -> IdentificationPayload? {
        role == .initiator ? pair?.initiatorProxy : pair?.responderProxy
    }

    mutating func add(_ packet: borrowing Told<ESPPacket>, to role: Role) {
        if role == .initiator { Self.add(packet, &toInitiator) } else { Self.add(packet, &toResponder) }
    }

    mutating func add(_ packet: borrowing Told<AHPacket>, to role: Role) {
        if role == .initiator { Self.add(packet, &toInitiator) } else { Self.add(packet, &toResponder) }
    }

    private static func add(_ packet: borrowing Told<ESPPacket>, _ traffic: inout Traffic?) {
        if traffic == nil { traffic = Traffic() }
        traffic?.add(packet)
    }

    private static func add(_ packet: borrowing Told<AHPacket>, _ traffic: inout Traffic?) {
        if traffic == nil { traffic = Traffic() }
        traffic?.add(packet)
    }

    /// What was agreed on.
    func lifetime(_ unit: Lifetime.Unit) -> UInt64? { pair?.suite.lifetime.value(unit) }

    func secondsLeft(at time: Instant) -> Int? { IKERecord.left(lifetime(.seconds), since: made, at: time) }

    mutating func expire(at time: Instant) {
        isExpired = deletion == nil && IKERecord.isOver(lifetime(.seconds), since: made, last: last, at: time)
    }

    /// Of the SA whose packets go to `role`: what is inside counts where it is known, else the ESP octets.
    func kilobytesLeft(to role: Role) -> Int? {
        guard let agreed = lifetime(.kilobytes) else { return nil }
        let traffic = traffic(to: role)
        let used = traffic.isOpened ? traffic.payloadOctets : traffic.octets
        return max(0, Int(clamping: agreed) - used / 1024)
    }
}
