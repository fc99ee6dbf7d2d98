import ScopeDissect
import ScopeModel
import ScopeWire

/// A delete that named an SA, in a message that its keys opened.
struct Deletion {
    /// The address that sent it.
    var by: IPAddress
    /// As a role of the IKE SA that carried it.
    var role: Role
    var frame: Int
    var time: Instant
}

/// An IKE SA as the events told of it so far.
struct IKERecord {
    var sa: IKESA
    var first: Instant
    var last: Instant
    /// When the responder's choice was seen: devices start the lifetime there.
    var agreed: Instant?
    var established: Instant?
    var establishedFrame = 0
    var deletion: Deletion?
    var replaces: Int?
    var replacedBy: Int?
    var hasDPD: (initiator: Bool, responder: Bool) = (false, false)
    var hasXAUTH = false
    var hasConfiguration = false
    /// What a Transaction exchange is about, from its first message to the one that closes it.
    var configuring: Configuring?
    /// Its lifetime ran out, and nothing was seen of it since.
    var isExpired = false

    init(_ sa: IKESA, at time: Instant) {
        self.sa = sa
        first = time
        last = time
    }

    var isAlive: Bool { deletion == nil && !isExpired }

    /// The word of the router for where the SA is.
    var state: StaticString {
        if !isAlive { return "MM_NO_STATE" }
        if sa.isEstablished {
            return switch configuring {
            case .xauth: "CONF_XAUTH"
            case .address: "CONF_ADDR"
            case nil: "QM_IDLE"
            }
        }
        if sa.mode == .aggressive { return "AG_INIT_EXCH" }
        return switch sa.position {
        case ...1: "MM_NO_STATE"
        case 2...3: "MM_SA_SETUP"
        default: "MM_KEY_EXCH"
        }
    }

    /// Agreed in seconds; nil when the choice is not known or names none.
    var lifetime: UInt64? {
        guard let chosen = sa.chosen, chosen.value(11) == 1 else { return nil }
        return chosen.value(12)
    }

    func secondsLeft(at time: Instant) -> Int? { Self.left(lifetime, since: agreed, at: time) }

    mutating func expire(at time: Instant) {
        isExpired = deletion == nil && Self.isOver(lifetime, since: agreed, last: last, at: time)
    }

    /// Letters that `show` puts under `Cap.`, for what the wire showed to be in use.
    var capabilities: String {
        let isNAT = sa.initiator.port == 4500 || sa.responder.port == 4500
        let letters: [(String, Bool)] = [
            ("C", hasConfiguration), ("D", hasDPD.initiator && hasDPD.responder), ("N", isNAT), ("X", hasXAUTH),
        ]
        return letters.filter(\.1).map(\.0).joined()
    }

    /// Whether `lifetime`, in seconds, is over at `time`: not while packets still show the SA in use.
    static func isOver(_ lifetime: UInt64?, since start: Instant?, last: Instant, at time: Instant) -> Bool {
        left(lifetime, since: start, at: time) == 0 && left(lifetime, since: start, at: last) != 0
    }

    static func left(_ lifetime: UInt64?, since start: Instant?, at time: Instant) -> Int? {
        guard let lifetime, let start else { return nil }
        let spent = max(0, time.since(start) / 1_000_000_000)
        return max(0, Int(clamping: lifetime) - Int(spent))
    }
}

extension IKERecord {
    /// XAUTH or Mode Config under way.
    enum Configuring {
        case xauth
        case address
    }

    /// Follows a Transaction message that could be read: a request or a set opens, its reply or acknowledgement closes,
    /// but XAUTH goes on until the server's verdict is acknowledged.
    mutating func follow(_ attributes: AttributesPayload) {
        switch (attributes.type, attributes.isXAUTH || configuring == .xauth) {
        case (1, let isXAUTH), (3, let isXAUTH): configuring = isXAUTH ? .xauth : .address
        case (2, true): configuring = .xauth
        case (2, false), (4, _): configuring = nil
        default: break
        }
    }
}

/// What went one way under one SPI.
struct Traffic {
    var packets = 0
    /// From the SPI to the ICV.
    var octets = 0
    /// Inside, where the packets could be opened.
    var payloadOctets = 0
    var verified = 0
    var unverified = 0
    var refused = 0
    /// AH packets around ESP, which are told as ESP packets too, and their octets.
    var bundled = 0
    var bundledOctets = 0
    /// Of one SA in one direction; not of sums.
    var sequence = SequenceCounts()
    var icvLength: UInt8 = 0
    var isICVLengthUnusual = false
    var sequenceHigh: UInt32?
    var paddingFaults = 0
    var outsideSelectors = 0
    var nullEncryption: NullEncryption?
    /// The account of the SA around it; 0 on the wire.
    var within = 0

    /// True when every packet was opened, so that the octets inside are known.
    var isOpened: Bool { packets > 0 && verified + unverified == packets }

    mutating func add(_ packet: borrowing Told<ESPPacket>) {
        packets += 1
        octets += packet.length
        sequence.add(packet.step)
        note(packet.finding.icvLength, packet.finding.isICVLengthUnusual, packet.finding.sequenceHigh, packet.enclosure)
        if packet.finding.hasPaddingFault { paddingFaults += 1 }
        if packet.isOutsideSelectors { outsideSelectors += 1 }
        if let null = packet.nullEncryption { nullEncryption = null }
        switch packet.verdict {
        case .verified(let payload, _):
            verified += 1
            payloadOctets += payload.count
        case .unverified(let payload, _):
            unverified += 1
            payloadOctets += payload.count
        case .badICV, .malformed: refused += 1
        case .noKey, .cut: break
        }
    }

    mutating func add(_ packet: borrowing Told<AHPacket>) {
        packets += 1
        octets += packet.length
        sequence.add(packet.step)
        if packet.isOutsideSelectors { outsideSelectors += 1 }
        switch packet.verdict {
        case .verified(let finding):
            verified += 1
            note(finding.icvLength, finding.isICVLengthUnusual, finding.sequenceHigh, packet.enclosure)
        case .badICV: refused += 1
        case .noKey, .cut: within = packet.enclosure.account
        }
        guard IPProtocol(rawValue: packet.nextHeader) == .esp else { return }
        bundled += 1
        bundledOctets += packet.length
    }

    private mutating func note(_ length: UInt8, _ isUnusual: Bool, _ high: UInt32?, _ enclosure: Enclosure) {
        if length > 0 {
            icvLength = length
            isICVLengthUnusual = isUnusual
        }
        if let high { sequenceHigh = max(sequenceHigh ?? 0, high) }
        within = enclosure.account
    }

    /// Both together, what went through ESP and AH counted once.
    static func + (a: Traffic, b: Traffic) -> Traffic {
        var sum = a
        sum.packets += b.packets - b.bundled
        sum.octets += b.octets - b.bundledOctets
        sum.payloadOctets += b.payloadOctets
        sum.verified += b.verified
        sum.unverified += b.unverified
        sum.refused += b.refused
        sum.sequence = SequenceCounts()
        return sum
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
    var pair: IPsecSAPair?
    var initiator: Endpoint
    var responder: Endpoint
    /// On packets that go to the initiator.
    var spiToInitiator: UInt32?
    var spiToResponder: UInt32?
    var toInitiator = Traffic()
    var toResponder = Traffic()
    var deletion: Deletion?
    var replaces: Int?
    var replacedBy: Int?
    var last: Instant
    /// Its lifetime ran out, and nothing was seen of it since.
    var isExpired = false

    init(_ pair: IPsecSAPair, id: Int, at time: Instant, frame: Int) {
        self.id = id
        self.pair = pair
        isAH = pair.protocolID == .ah
        made = time
        last = time
        self.frame = frame
        initiator = pair.ikeSA.endpoint(of: pair.quickMode.initiatedBy)
        responder = pair.ikeSA.endpoint(of: pair.quickMode.initiatedBy.other)
        spiToInitiator = pair.spiToInitiator
        spiToResponder = pair.spiToResponder
    }

    init(
        spi: UInt32, isAH: Bool, from source: Endpoint, to destination: Endpoint, id: Int, at time: Instant, frame: Int
    ) {
        self.id = id
        self.isAH = isAH
        made = time
        last = time
        self.frame = frame
        initiator = source
        responder = destination
        spiToResponder = spi
    }

    var isAlive: Bool { deletion == nil && !isExpired }

    func spi(to role: Role) -> UInt32? { role == .initiator ? spiToInitiator : spiToResponder }
    func traffic(to role: Role) -> Traffic { role == .initiator ? toInitiator : toResponder }
    func end(_ role: Role) -> Endpoint { role == .initiator ? initiator : responder }
    func proxy(of role: Role) -> IdentificationPayload? {
        role == .initiator ? pair?.quickMode.initiatorProxy : pair?.quickMode.responderProxy
    }

    /// Agreed, of life type 1 (seconds) or 2 (kilobytes).
    func lifetime(type: UInt64) -> UInt64? {
        pair.flatMap { TransformText.lifetimes($0.transform).first { $0.type == type }?.value }
    }

    func secondsLeft(at time: Instant) -> Int? { IKERecord.left(lifetime(type: 1), since: made, at: time) }

    mutating func expire(at time: Instant) {
        isExpired = deletion == nil && IKERecord.isOver(lifetime(type: 1), since: made, last: last, at: time)
    }

    /// Of the SA whose packets go to `role`: what is inside counts where it is known, else the ESP octets.
    func kilobytesLeft(to role: Role) -> Int? {
        guard let agreed = lifetime(type: 2) else { return nil }
        let traffic = traffic(to: role)
        let used = traffic.isOpened ? traffic.payloadOctets : traffic.octets
        return max(0, Int(clamping: agreed) - used / 1024)
    }
}

/// Two addresses, whichever is which.
struct Ends: Hashable {
    private let first: IPAddress
    private let second: IPAddress

    init(_ a: IPAddress, _ b: IPAddress) {
        let isOrdered = (a.high, a.low) <= (b.high, b.low)
        first = isOrdered ? a : b
        second = isOrdered ? b : a
    }
}

extension IKERecord {
    var ends: Ends { Ends(sa.initiator.address, sa.responder.address) }
}

extension IPsecRecord {
    var ends: Ends { Ends(initiator.address, responder.address) }
}
