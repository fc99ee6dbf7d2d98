import ScopeDissect
import ScopeModel
import ScopeWire

/// What a Quick Mode agreed on, as far as the views tell it.
package final class Agreement: Sendable {
    package let ikeSA: Int
    package let version: IKEVersion
    let ikeIdentity: IKESAIdentity
    package let ikeInitiator: IPAddress
    package let ikeResponder: IPAddress
    /// The IKE SA that crosses that one.
    private let crosses: IKESAIdentity?
    package let messageID: UInt32
    package let initiatedBy: Role
    /// Of PFS.
    package let group: DHGroup?
    package let initiatorProxy: IdentificationPayload?
    package let responderProxy: IdentificationPayload?
    /// What it is for, where the negotiation says more than the two identities; of IKEv2 alone.
    package let traffic: ChildTraffic?
    package let suite: ChildSuite
    /// A key opened the message that settled it, and its HASH is not wrong.
    package let isOpened: Bool
    /// The SA whose place it takes, as its request says (RFC 7296 section 1.3.3).
    let rekeys: RekeyedSA?
    /// Of the exchange, where it replaced an SA.
    let rekeyNonce: RekeyNonce?

    init(_ pair: ChildSA, isOpened: Bool) {
        ikeSA = pair.ikeSA.id
        version = pair.ikeSA.version
        ikeIdentity = pair.ikeSA.identity
        ikeInitiator = pair.ikeSA.initiator.address
        ikeResponder = pair.ikeSA.responder.address
        crosses = pair.ikeSA.crosses?.identity
        messageID = pair.negotiation.messageID
        initiatedBy = pair.negotiation.initiatedBy
        group = pair.negotiation.group
        initiatorProxy = pair.negotiation.initiatorProxy
        responderProxy = pair.negotiation.responderProxy
        suite = pair.suite
        self.isOpened = isOpened
        let negotiation = pair.negotiation
        traffic = negotiation.v2?.traffic
        rekeys = negotiation.v2?.rekeys
        rekeyNonce = rekeys == nil ? nil : RekeyNonce(negotiation.initiatorNonce, negotiation.responderNonce)
    }

    /// Whether both sides replaced the same SA at once, and these two came of it (RFC 7296 section 2.8.1).
    func isRival(_ other: Agreement) -> Bool {
        rekeys != nil && other.rekeys != nil && ikeIdentity == other.ikeIdentity && initiatedBy != other.initiatedBy
    }

    func isCrossing(_ other: Agreement) -> Bool {
        crosses == other.ikeIdentity || other.crosses == ikeIdentity
    }

    /// Bytes that it holds, about.
    var cost: Int {
        512 + (initiatorProxy?.data.count ?? 0) + (responderProxy?.data.count ?? 0) + (rekeyNonce?.count ?? 0)
            + ((traffic?.initiator.count ?? 0) + (traffic?.responder.count ?? 0)) * 96
    }
}

/// A pair of IPsec SAs that a Quick Mode made, or one SA that only its packets show.
///
/// Its ends are the sides of the Quick Mode; of an SA that only its packets show, the sender is the initiator.
package struct ChildRecord: Sendable {
    package internal(set) var id: Int
    package internal(set) var isAH: Bool
    package internal(set) var made: Instant
    package internal(set) var frame: Int
    /// Nil where no negotiation that could be read made it.
    package let pair: Agreement?
    package internal(set) var initiator: Endpoint
    package internal(set) var responder: Endpoint
    /// On packets that go to the initiator.
    package internal(set) var spiToInitiator: UInt32?
    package internal(set) var spiToResponder: UInt32?
    /// Nil as long as no packet went that way.
    package internal(set) var toInitiator: Traffic?
    package internal(set) var toResponder: Traffic?
    package internal(set) var deletion: Deletion?
    package internal(set) var replaces: Int?
    package internal(set) var replacedBy: Int?
    package internal(set) var last: Instant
    /// Its lifetime ran out, and nothing was seen of it since.
    package internal(set) var isExpired = false

    /// - Parameter isOpened: a key opened the message that settled the pair.
    init(_ pair: ChildSA, isOpened: Bool, id: Int, at time: Instant, frame: Int) {
        self.id = id
        self.pair = Agreement(pair, isOpened: isOpened)
        isAH = pair.protocolID == .ah
        made = time
        last = time
        self.frame = frame
        let isSame = pair.negotiation.initiatedBy == .initiator
        initiator = isSame ? pair.ikeSA.initiator : pair.ikeSA.responder
        responder = isSame ? pair.ikeSA.responder : pair.ikeSA.initiator
        spiToInitiator = pair.spiToInitiator
        spiToResponder = pair.spiToResponder
    }

    /// Of an SA that only its packets show.
    init(_ packet: PacketLabel, id: Int, at time: Instant, frame: Int) {
        self.id = id
        pair = nil
        isAH = packet.isAH
        made = time
        last = time
        self.frame = frame
        initiator = packet.source
        responder = packet.destination
        spiToResponder = packet.spi
    }

    /// What is only claimed was never alive.
    package var isAlive: Bool { deletion == nil && !isExpired && trust != .claimed }

    package var trust: Trust {
        if pair?.isOpened ?? false || toInitiator?.verified ?? 0 > 0 || toResponder?.verified ?? 0 > 0 {
            return .proved
        }
        return pair == nil || toInitiator != nil || toResponder != nil ? .probable : .claimed
    }

    /// Bytes that it holds, about.
    var cost: Int { 1024 + (pair?.cost ?? 0) }

    /// Who takes packets under one of its SPIs that go to `destination`.
    func role(under spi: UInt32, to destination: IPAddress) -> Role {
        guard spiToInitiator == spi else { return .responder }
        guard spiToResponder == spi else { return .initiator }
        return initiator.address == destination ? .initiator : .responder
    }

    package func spi(to role: Role) -> UInt32? { role == .initiator ? spiToInitiator : spiToResponder }
    package func traffic(to role: Role) -> Traffic { (role == .initiator ? toInitiator : toResponder) ?? Traffic() }
    package func end(_ role: Role) -> Endpoint { role == .initiator ? initiator : responder }
    package func proxy(of role: Role) -> IdentificationPayload? {
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
    package func lifetime(_ unit: Lifetime.Unit) -> UInt64? { pair?.suite.lifetime.value(unit) }

    package func secondsLeft(at time: Instant) -> Int? { IKERecord.left(lifetime(.seconds), since: made, at: time) }

    mutating func expire(at time: Instant) {
        isExpired = deletion == nil && IKERecord.isOver(lifetime(.seconds), since: made, last: last, at: time)
    }

    /// Of the SA whose packets go to `role`: what is inside counts where it is known, else the ESP octets.
    package func kilobytesLeft(to role: Role) -> Int? {
        guard let agreed = lifetime(.kilobytes) else { return nil }
        let traffic = traffic(to: role)
        let used = traffic.isOpened ? traffic.payloadOctets : traffic.octets
        return max(0, Int(clamping: agreed) - used / 1024)
    }
}
