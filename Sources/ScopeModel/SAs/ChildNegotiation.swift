import ScopeDissect
import ScopeWire

/// One negotiation of child SAs as far as it is known: nonces and public values are facts of the wire, not secrets.
///
/// IKEv1 negotiates children in Quick Mode (RFC 2409 section 5.5), IKEv2 in IKE_AUTH and CREATE_CHILD_SA. It is copied with
/// each event of its negotiation, so the copies share its values until one of them changes.
@dynamicMemberLookup
public struct ChildNegotiation: Sendable {
    public struct Values: Sendable {
        public var messageID: UInt32
        /// Who began it, as a role of the IKE SA.
        public var initiatedBy: Role
        /// What was offered and what was taken of it, as it was sent.
        public var offer: SAPayload?
        public fileprivate(set) var answer: SAPayload?
        /// What was agreed on, in the order of the answer: one for each proposal of it that has a transform.
        public fileprivate(set) var agreed: [Agreement] = []
        /// The key exchanges behind the first one (RFC 9370), which IKE_FOLLOWUP_KE carries; of IKEv2 alone.
        public var additionalExchanges: [KeyExchangeStep] = []
        public var initiatorNonce: [UInt8]?
        public var responderNonce: [UInt8]?
        /// Public values when PFS is used.
        public var initiatorKE: [UInt8]?
        public var responderKE: [UInt8]?
        /// The traffic that was asked for, and that of the answer; nil means the peers themselves, or not seen.
        public var asked: ProxyIdentities?
        public var granted: ProxyIdentities?
        /// What IKEv2 alone says of it; nil in IKEv1.
        public var v2: IKEv2Child?
        /// The highest message seen: 1 to 4; in IKEv2 the request and its answer.
        public var position = 0
        /// A commit bit was seen: CONNECTED is still to come (RFC 2408 section 3.1).
        public var awaitsConnected = false
    }

    @usableFromInline var storage: SharedStorage<Values>

    public init(messageID: UInt32, initiatedBy: Role) {
        storage = SharedStorage(Values(messageID: messageID, initiatedBy: initiatedBy))
    }

    @inlinable @inline(__always)
    public subscript<Field>(dynamicMember field: KeyPath<Values, Field>) -> Field { storage.values[keyPath: field] }

    @inlinable @inline(__always)
    public subscript<Field>(dynamicMember field: WritableKeyPath<Values, Field>) -> Field {
        get { storage.values[keyPath: field] }
        set {
            SharedStorage.makeUnique(&storage)
            storage.values[keyPath: field] = newValue
        }
    }

    /// The identities that its SAs are for: those of the answer where it was seen, since the responder may narrow what was
    /// asked for; nil means the peers themselves.
    ///
    /// In IKEv2 the first selector of each side, in the form in which IKEv1 names traffic.
    public var proxies: ProxyIdentities? { self.granted ?? self.asked ?? self.v2?.proxies }
    public var initiatorProxy: IdentificationPayload? { proxies?.initiator }
    public var responderProxy: IdentificationPayload? { proxies?.responder }

    /// What its SAs are for; nil means the peers themselves.
    public var traffic: ChildTraffic? { self.v2?.traffic ?? proxies?.traffic }

    /// The PFS group of what was agreed (else of what was offered first); nil without PFS.
    public var group: DHGroup? {
        for proposal in (self.answer ?? self.offer)?.proposals ?? [] {
            for transform in proposal.transforms {
                if let group = ChildSuite(transform, of: proposal.protocolID).group { return group }
            }
        }
        return self.agreed.lazy.compactMap(\.suite.group).first
    }

    /// What was offered first; of several suites a device prints this one.
    public var offered: ChildSuite? {
        self.offer?.proposals.first.flatMap { proposal in
            proposal.transforms.first.map { ChildSuite($0, of: proposal.protocolID) }
        }
    }

    /// One protocol that was agreed on, with the SPI that each side chose for it.
    public struct Agreement: Sendable {
        public var suite: ChildSuite
        /// Chosen by the side that began it: on packets that go to it.
        ///
        /// Nil where no offer was seen that it answers.
        public var spiToInitiator: UInt32?
        /// Nil where the answer has none of 1 to 4 bytes.
        public var spiToResponder: UInt32?
        /// The transform of the answer, as it was sent; nil in IKEv2, which has one for each algorithm.
        public var transform: Transform?

        public init(
            suite: ChildSuite, spiToInitiator: UInt32?, spiToResponder: UInt32?, transform: Transform? = nil
        ) {
            self.suite = suite
            self.spiToInitiator = spiToInitiator
            self.spiToResponder = spiToResponder
            self.transform = transform
        }
    }

    /// Takes in what was agreed on, of a negotiation whose answer IKEv1 has no form for.
    public mutating func agree(on agreements: [Agreement]) { self.agreed = agreements }

    /// Takes in the answer, and what it agrees on of the offer.
    public mutating func take(answer payload: SAPayload?) {
        self.answer = payload
        self.agreed = (payload?.proposals ?? []).compactMap { chosen in
            guard let transform = chosen.transforms.first else { return nil }
            return Agreement(
                suite: ChildSuite(transform, of: chosen.protocolID), spiToInitiator: offered(chosen)?.spiNumber,
                spiToResponder: chosen.spiNumber, transform: transform)
        }
    }

    /// The proposal that `chosen` answers: the one with its number and protocol, else the only one of its protocol.
    private func offered(_ chosen: Proposal) -> Proposal? {
        var only: Proposal?
        var count = 0
        for proposal in self.offer?.proposals ?? [] where proposal.protocolID == chosen.protocolID {
            if proposal.number == chosen.number { return proposal }
            if count == 0 { only = proposal }
            count += 1
        }
        return count == 1 ? only : nil
    }
}

extension ChildNegotiation {
    /// Lets go of what only its keys needed, and when no message is to come, of what was agreed.
    public mutating func settle() {
        (self.initiatorNonce, self.responderNonce, self.initiatorKE, self.responderKE) = (nil, nil, nil, nil)
        self.additionalExchanges = []
        self.v2 = self.v2?.settled
        if isThrough { (self.offer, self.answer, self.agreed) = (nil, nil, []) }
    }

    /// No message is to come.
    public var isThrough: Bool { self.position > 3 || self.position == 3 && !self.awaitsConnected }
}
