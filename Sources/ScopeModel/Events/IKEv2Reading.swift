import ScopeDissect

/// What the follower of IKEv2 made of a message beside its payloads (RFC 7296).
///
/// It never changes, and is copied with each event of its message, so it is one reference.
public final class IKEv2Reading: Sendable {
    public let purpose: IKEv2Purpose
    /// The first frame of the request that a response answers; nil of a request, and where the capture lacks it.
    public let request: Int?
    /// What became of its AUTH payload; nil of a message without one that could be read.
    public let authentication: AuthenticationOutcome?
    /// The IKE SA that takes the place of the one that carries the message, in the answer that makes it.
    public let successor: IKESA?
    /// Of the exchange that made `successor`, where both its nonces were seen.
    public let rekeyNonce: RekeyNonce?
    /// Where the message is not what its exchange allows.
    public let breaches: [MessageBreach]

    public init(
        purpose: IKEv2Purpose, request: Int? = nil, authentication: AuthenticationOutcome? = nil,
        successor: IKESA? = nil, rekeyNonce: RekeyNonce? = nil, breaches: [MessageBreach] = []
    ) {
        self.purpose = purpose
        self.request = request
        self.authentication = authentication
        self.successor = successor
        self.rekeyNonce = rekeyNonce
        self.breaches = breaches
    }

    /// The same, of the answer that made another IKE SA.
    public func with(successor: IKESA, _ rekeyNonce: RekeyNonce?) -> IKEv2Reading {
        IKEv2Reading(
            purpose: purpose, request: request, authentication: authentication, successor: successor,
            rekeyNonce: rekeyNonce, breaches: breaches)
    }
}

/// What an exchange of IKEv2 is for, as its request says; the answer has the same purpose.
public enum IKEv2Purpose: Hashable, Sendable {
    /// IKE_SA_INIT; `attempt` counts the requests that a COOKIE, another group or another gateway made necessary, from 1.
    case initial(attempt: Int)
    /// IKE_SESSION_RESUME (RFC 5723).
    case resumption
    /// IKE_INTERMEDIATE (RFC 9242).
    case intermediate
    /// IKE_AUTH, and its EAP rounds.
    case authentication
    /// CREATE_CHILD_SA for one more child SA.
    case child
    /// CREATE_CHILD_SA that replaces a child SA.
    case rekeyedChild(RekeyedSA)
    /// CREATE_CHILD_SA that replaces the IKE SA.
    case rekeyedIKE
    /// IKE_FOLLOWUP_KE: another key exchange of a CREATE_CHILD_SA (RFC 9370).
    case followup
    /// INFORMATIONAL that deletes the IKE SA, or children of it.
    case deletedIKE
    case deletedChildren
    /// INFORMATIONAL without payloads: whether the peer lives.
    case liveness
    /// INFORMATIONAL with UPDATE_SA_ADDRESSES (RFC 4555): the SA moves.
    case addresses
    /// INFORMATIONAL that sends the client to another gateway (RFC 5685).
    case redirect
    /// Any other INFORMATIONAL.
    case notice
    /// An exchange that is not followed.
    case other
    /// The request was not seen, or could not be opened.
    case unread
}

/// Where a message is not what its exchange allows.
public struct MessageBreach: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case missing
        /// There are more of it than the exchange has.
        case tooMany(Int)
        /// It has no place in the exchange.
        case unexpected
        /// It stands in the clear, and should be encrypted.
        case inClear
    }

    public var payload: PayloadType
    public var kind: Kind

    public init(_ payload: PayloadType, _ kind: Kind) {
        self.payload = payload
        self.kind = kind
    }
}
