import ScopeDissect
import ScopeWire

/// One key exchange of a negotiation: the public values of both sides (RFC 7296 section 3.4, RFC 9370 section 2).
///
/// A KEM has no group: its initiator sends an encapsulation key, its responder a ciphertext.
public struct KeyExchangeStep: Hashable, Sendable {
    public var group: DHGroup
    /// Key Exchange Data of the KE payload, without group and reserved bytes; nil until it was seen.
    public var initiatorValue: [UInt8]?
    public var responderValue: [UInt8]?

    public init(group: DHGroup, initiatorValue: [UInt8]? = nil, responderValue: [UInt8]? = nil) {
        self.group = group
        self.initiatorValue = initiatorValue
        self.responderValue = responderValue
    }
}

/// What the wire told of the keys of one IKEv2 SA; grows as messages arrive.
///
/// The tracker and the keys both look at it, and share its values until one of them changes.
@dynamicMemberLookup
public struct IKEv2Facts: Sendable {
    /// What the first keys of an SA follow from.
    public enum Origin: Hashable, Sendable {
        /// IKE_SA_INIT (RFC 7296 section 2.14).
        case initial
        /// A CREATE_CHILD_SA exchange of another IKE SA (RFC 7296 section 2.18); its keys come from that SA's opener.
        case rekeying
        /// IKE_SESSION_RESUME (RFC 5723): SK_d of an SA that is gone.
        case resumption
    }

    public struct Values: Sendable {
        public var origin: Origin
        public var initiatorSPI: UInt64
        public var responderSPI: UInt64
        public var initiatorAddress: IPAddress
        public var responderAddress: IPAddress
        /// What the responder chose; nil until its answer was seen.
        public var suite: IKESuite?
        /// Nonce data of Ni and Nr, of the exchange that made the SA.
        public var initiatorNonce: [UInt8]?
        public var responderNonce: [UInt8]?
        /// The key exchanges in order; a resumption has none.
        ///
        /// The first is that of IKE_SA_INIT or CREATE_CHILD_SA. The others are those of IKE_INTERMEDIATE and
        /// IKE_FOLLOWUP_KE.
        public var keyExchanges: [KeyExchangeStep] = []
        /// RealMessage1 and RealMessage2 (RFC 7296 section 2.15): the first messages whole, from the header on, that of the
        /// initiator as it was answered (with the cookie, with the group that was taken).
        public var initiatorFirst: [UInt8]?
        public var responderFirst: [UInt8]?
        /// Both sides sent N(USE_PPK) (RFC 8784 section 3).
        public var usesPPK = false
        /// The CREATE_CHILD_SA exchange that made the SA took a PPK for its keys (RFC 9867 section 3.2).
        public var mixesPPK = false
    }

    @usableFromInline var storage: SharedStorage<Values>

    public init(
        _ origin: Origin = .initial, initiatorSPI: UInt64, responderSPI: UInt64, initiatorAddress: IPAddress,
        responderAddress: IPAddress
    ) {
        storage = SharedStorage(
            Values(
                origin: origin, initiatorSPI: initiatorSPI, responderSPI: responderSPI,
                initiatorAddress: initiatorAddress, responderAddress: responderAddress))
    }

    @inlinable @inline(__always)
    public subscript<Field>(dynamicMember field: WritableKeyPath<Values, Field>) -> Field {
        get { storage.values[keyPath: field] }
        set {
            SharedStorage.makeUnique(&storage)
            storage.values[keyPath: field] = newValue
        }
    }

    /// Whether both share their values, so that they need not be compared.
    public func isIdentical(to other: IKEv2Facts) -> Bool { storage === other.storage }

    /// Lets go of what only the first exchanges needed, once both sides have proved themselves.
    ///
    /// The nonces stay: the keys of the first child follow from them.
    public mutating func settle() {
        (self.initiatorFirst, self.responderFirst) = (nil, nil)
        self.keyExchanges = []
    }
}
