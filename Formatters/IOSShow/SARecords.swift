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

/// How sure it is that an SA is there.
enum Trust {
    /// A key opened a message of it, or verified a packet.
    case proved
    /// What passed looks like it, and nobody vouches for it.
    case probable
    /// A message in the clear speaks of it, which anybody may have sent.
    case claimed
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
    /// A key opened a message of it, or its HASH in the clear is right.
    var isProved = false

    init(_ sa: IKESA, at time: Instant) {
        self.sa = Self.kept(sa)
        first = time
        last = time
    }

    /// Of an IKE SA, what the views tell: its offer is none of that.
    private static func kept(_ sa: IKESA) -> IKESA {
        var sa = sa
        sa.offer = nil
        sa.chosen = nil
        return sa
    }

    /// Takes in what a message that came first changed; `isEncrypted` is that of the message.
    mutating func update(_ sa: IKESA, _ message: IKEMessage, at time: Instant, frame: Int) {
        self.sa = Self.kept(sa)
        if sa.suite != nil, agreed == nil { agreed = time }
        if message.opening.isBelieved { isProved = true }
        if case .verified = message.clearProof { isProved = true }
        // In the clear, anybody may claim that phase 1 is through; message 3 of Aggressive Mode has nothing better.
        let mayEstablish = !message.message.ciphertext.isEmpty || message.step == .aggressive(3)
        guard sa.isEstablished, mayEstablish, established == nil else { return }
        established = time
        establishedFrame = frame
    }

    var isAlive: Bool { deletion == nil && !isExpired }
    var isEstablished: Bool { established != nil }
    var trust: Trust { isProved ? .proved : isEstablished ? .probable : .claimed }

    /// Bytes that it holds, about.
    var cost: Int {
        1024 + (sa.initiatorIdentity?.data.count ?? 0) + (sa.responderIdentity?.data.count ?? 0)
    }

    /// The word of the router for where the SA is.
    var state: StaticString {
        if !isAlive { return "MM_NO_STATE" }
        if isEstablished {
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
    var lifetime: UInt64? { sa.suite?.lifetime.seconds }

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
    /// What a message tells beside where its SA is.
    mutating func note(_ message: IKEMessage) {
        if case .transaction = message.step {
            hasConfiguration = true
            if case .attributes(let attributes)? = message.readable?.first(.attributes)?.content { follow(attributes) }
        }
        if case .quickMode = message.step { configuring = nil }
        if sa.suite?.authentication?.isXAUTH ?? false { hasXAUTH = true }
        for payload in message.message.chain.all(.vendorID) {
            guard case .vendorID(let vendor?) = payload.content, vendor.family == "dpd" else { continue }
            if message.sender == .initiator { hasDPD.initiator = true } else { hasDPD.responder = true }
        }
    }

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

extension Opening {
    /// A key opened the message, and its HASH is not wrong.
    var isBelieved: Bool {
        switch self {
        case .opened(_, _, .failed): false
        case .opened: true
        case .clear, .sealed, .unreadable: false
        }
    }
}
