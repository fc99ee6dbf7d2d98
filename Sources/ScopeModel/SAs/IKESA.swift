import ScopeDissect
import ScopeWire

/// An IKE SA as it stood when an event was made: what the wire and the decrypted messages told of it so far.
///
/// It is copied with each of its messages, so the copies share its values until one of them changes.
@dynamicMemberLookup
public struct IKESA: Sendable {
    public struct Values: Sendable {
        /// From 1, in the order of first sight: what joins the events of one run, and is printed.
        ///
        /// Which SA it is, also in another run, says its `identity`.
        public var id: Int
        /// The frame of its first message that was seen.
        public var firstFrame = 0
        /// 1001, 1002 … in the order in which IKE SAs get their keys (the initiator's KE was seen); nil before.
        public var connectionID: Int?
        public var version: IKEVersion
        public var initiatorSPI: UInt64
        /// 0 until the responder has answered.
        public var responderSPI: UInt64
        /// Where each side was last seen.
        public var initiator: Endpoint
        public var responder: Endpoint
        /// How far its set-up has come.
        public var progress: Progress
        /// It serves the Group DOI: by the DOI of its offer, or by UDP port 848 (RFC 6407 section 2).
        public var isGDOI = false
        /// What message 1 offers, as it was sent, and what the responder took of it.
        public var offer: SAPayload?
        public var suite: IKESuite?
        /// The responder's answer as it was sent, for those who show it with all its attributes.
        public var chosen: Transform?
        /// What the sides say that they are, once it is known.
        public var initiatorIdentity: PeerIdentity?
        public var responderIdentity: PeerIdentity?
        /// The id of the IKE SA whose place it takes (RFC 7296 section 2.18).
        public var replaces: Int?
        /// The negotiation that its responder had begun from the other side when this one began.
        public var crosses: Crossing?
    }

    @usableFromInline var storage: SharedStorage<Values>

    public init(
        id: Int, version: IKEVersion, initiatorSPI: UInt64, responderSPI: UInt64, initiator: Endpoint,
        responder: Endpoint
    ) {
        storage = SharedStorage(
            Values(
                id: id, version: version, initiatorSPI: initiatorSPI, responderSPI: responderSPI, initiator: initiator,
                responder: responder, progress: Progress(version)))
    }

    @inlinable @inline(__always)
    public subscript<Field>(dynamicMember field: WritableKeyPath<Values, Field>) -> Field {
        get { storage.values[keyPath: field] }
        set {
            SharedStorage.makeUnique(&storage)
            storage.values[keyPath: field] = newValue
        }
    }

    /// Whether the two were under way at once, each begun by another side.
    public func isCrossing(_ other: IKESA) -> Bool {
        self.crosses?.identity == other.identity || other.crosses?.identity == identity
    }

    /// Its set-up is through, or what follows shows that it was.
    public var isUp: Bool { self.progress.isUp }

    /// Where phase 1 of IKEv1 stands; at its beginning for another version.
    public var phase1: Phase1Progress { self.progress.phase1 }

    public func endpoint(of role: Role) -> Endpoint { role == .initiator ? self.initiator : self.responder }
}

/// The versions of IKE that are followed.
///
/// The number is that of the header.
public enum IKEVersion: UInt8, Hashable, Sendable {
    case v1 = 1
    case v2 = 2

    /// `IKEv1`, `IKEv2`.
    public var name: StaticString { self == .v1 ? "IKEv1" : "IKEv2" }
}

/// Another IKE SA under way between the same peers, begun by the other one of them: both initiate.
public struct Crossing: Hashable, Sendable {
    public var ikeSA: Int
    public var initiatorSPI: UInt64
    /// Of its first message.
    public var frame: Int

    public init(ikeSA: Int, initiatorSPI: UInt64, frame: Int) {
        self.ikeSA = ikeSA
        self.initiatorSPI = initiatorSPI
        self.frame = frame
    }
}

/// What a NAT-D payload equals: the hash of the packet's own destination or source, as they are at this tap.
public enum NATDiscoveryMatch: Hashable, Sendable { case destination, source, neither, unknown }
