import ScopeDissect
import ScopeModel
import ScopeWire

/// An IKE SA as far as the events have told of it.
package struct IKERecord: Sendable {
    package internal(set) var sa: IKESA
    package internal(set) var first: Instant
    package internal(set) var last: Instant
    /// When the responder's choice was seen: devices start the lifetime there.
    package internal(set) var agreed: Instant?
    package internal(set) var established: Instant?
    package internal(set) var establishedFrame = 0
    package internal(set) var deletion: Deletion?
    package internal(set) var replaces: Int?
    package internal(set) var replacedBy: Int?
    /// Of the exchange that made it in place of another one, in IKEv2.
    var rekeyNonce: RekeyNonce?
    package internal(set) var hasDPD: (initiator: Bool, responder: Bool) = (false, false)
    package internal(set) var hasXAUTH = false
    package internal(set) var hasConfiguration = false
    /// What a Transaction exchange is about, from its first message to the one that closes it.
    package internal(set) var configuring: Configuring?
    /// Its lifetime ran out, and nothing was seen of it since.
    package internal(set) var isExpired = false
    /// A key opened a message of it, or its HASH in the clear is right.
    package internal(set) var isProved = false
    /// Of IKEv2 alone.
    package internal(set) var v2: IKEv2Traits?

    init(_ sa: IKESA, at time: Instant) {
        self.sa = Self.kept(sa)
        first = time
        last = time
        v2 = sa.version == .v2 ? IKEv2Traits() : nil
    }

    /// Of an SA that took the place of another one, in a message that a key opened.
    init(successor sa: IKESA, at time: Instant, frame: Int) {
        self.init(sa, at: time)
        (agreed, established, establishedFrame) = (time, time, frame)
        replaces = sa.replaces
        isProved = true
    }

    /// The part of an IKE SA that is kept: the offer, which may be large, is not.
    private static func kept(_ sa: IKESA) -> IKESA {
        guard sa.offer != nil || sa.chosen != nil else { return sa }
        var sa = sa
        sa.offer = nil
        sa.chosen = nil
        return sa
    }

    /// Takes in what a message changed that is no repeat.
    mutating func update(_ sa: IKESA, _ message: IKEMessage, at time: Instant, frame: Int) {
        self.sa = Self.kept(sa)
        if sa.suite != nil, agreed == nil { agreed = time }
        if message.opening.isBelieved { isProved = true }
        if case .verified = message.clearProof { isProved = true }
        // In the clear, anybody may claim that phase 1 is through; message 3 of Aggressive Mode has nothing better.
        let mayEstablish = message.message.isEncrypted || message.step == .v1(.aggressive(3))
        guard sa.isUp, mayEstablish, established == nil else { return }
        established = time
        establishedFrame = frame
    }

    package var isAlive: Bool { deletion == nil && !isExpired && v2?.refusal == nil }
    /// Its sides said something that no key opened, so that nobody can tell whether it was set up; of IKEv2, whose messages
    /// all look alike behind IKE_SA_INIT.
    package var isUnread: Bool { isAlive && !isEstablished && v2?.hasSealed ?? false }
    package var isEstablished: Bool { established != nil }
    package var trust: Trust { isProved ? .proved : isEstablished ? .probable : .claimed }

    /// Bytes that it holds, about.
    var cost: Int {
        // The identities' own values are among the first thousand; their text is not.
        1024 + ((sa.initiatorIdentity?.footprint ?? 64) - 64) + ((sa.responderIdentity?.footprint ?? 64) - 64)
    }

    /// Agreed in seconds; nil when the choice is not known or names none.
    package var lifetime: UInt64? { sa.suite?.lifetime.seconds }

    package func secondsLeft(at time: Instant) -> Int? { Self.left(lifetime, since: agreed, at: time) }

    mutating func expire(at time: Instant) {
        isExpired = deletion == nil && Self.isOver(lifetime, since: agreed, last: last, at: time)
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
    mutating func note(_ message: IKEMessage, frame: Int) {
        if case .v2(let step) = message.step {
            let isProved = isProved && isEstablished
            v2?.note(message, step, isProved: isProved, frame: frame)
            return
        }
        if message.step.isConfiguration {
            hasConfiguration = true
            if case .attributes(let attributes)? = message.readable?.first(.attributes)?.content { follow(attributes) }
        }
        if message.step.isOfChild { configuring = nil }
        if sa.suite?.authentication?.isXAUTH ?? false { hasXAUTH = true }
        for payload in message.message.chain.all(.vendorID) {
            guard case .vendorID(let vendor?) = payload.content, vendor.family == "dpd" else { continue }
            if message.sender == .initiator { hasDPD.initiator = true } else { hasDPD.responder = true }
        }
    }

    /// XAUTH or Mode Config under way.
    package enum Configuring: Sendable {
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
