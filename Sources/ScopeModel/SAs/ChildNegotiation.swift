import ScopeDissect
import ScopeWire

/// A Quick Mode as far as it is known: nonces and public values are facts of the wire, not secrets.
public struct ChildNegotiation: Sendable {
    public var messageID: UInt32
    /// Who began it, as a role of the IKE SA.
    public var initiatedBy: Role
    public var offer: SAPayload?
    public var answer: SAPayload?
    public var initiatorNonce: [UInt8]?
    public var responderNonce: [UInt8]?
    /// Public values when PFS is used.
    public var initiatorKE: [UInt8]?
    public var responderKE: [UInt8]?
    /// The proxy identities: IDci of the exchange's initiator, IDcr of its responder; nil means the peers themselves.
    public var initiatorProxy: IdentificationPayload?
    public var responderProxy: IdentificationPayload?
    /// The highest message seen: 1 to 4.
    public var position: Int
    /// A commit bit was seen: CONNECTED is still to come (RFC 2408 section 3.1).
    public var awaitsConnected = false

    public init(messageID: UInt32, initiatedBy: Role) {
        self.messageID = messageID
        self.initiatedBy = initiatedBy
        position = 0
    }

    /// The PFS group of the chosen transform (else of the first offered one); nil without PFS.
    public var group: UInt16? {
        let transforms = (answer ?? offer)?.proposals.flatMap(\.transforms) ?? []
        return transforms.lazy.compactMap { $0.value(3) }.first.map { UInt16(truncatingIfNeeded: $0) }
    }
}

extension ChildNegotiation {
    /// Lets go of what only its keys needed, and when no message is to come, of what was agreed.
    public mutating func settle() {
        (initiatorNonce, responderNonce, initiatorKE, responderKE) = (nil, nil, nil, nil)
        if isThrough { (offer, answer) = (nil, nil) }
    }

    /// No message is to come.
    public var isThrough: Bool { position > 3 || position == 3 && !awaitsConnected }
}
