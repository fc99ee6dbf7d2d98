import ScopeDissect
import ScopeWire

/// What the wire told of a phase 1; grows as messages arrive.
///
/// Each IKE SA of IKEv1 has one. The tracker and the keys both look at it, and share it until it changes. An SA of IKEv2
/// has `IKEv2Facts`: each version has an opener of its own, which asks for its own facts.
@dynamicMemberLookup
public struct IKEv1Facts: Sendable {
    public struct Values: Sendable {
        public var initiatorSPI: UInt64
        public var responderSPI: UInt64
        public var initiatorAddress: IPAddress
        public var responderAddress: IPAddress
        /// SAi_b: the body of the initiator's SA payload, all offers, without the generic header.
        public var initiatorSABody: [UInt8]?
        /// What the responder chose.
        public var suite: IKESuite?
        public var initiatorKE: [UInt8]?
        public var responderKE: [UInt8]?
        public var initiatorNonce: [UInt8]?
        public var responderNonce: [UInt8]?
        /// Bodies of the ID payloads where they came in the clear (Aggressive Mode).
        public var initiatorIDBody: [UInt8]?
        public var responderIDBody: [UInt8]?
        /// What each side showed in CERT payloads that could be read.
        public var initiatorCertificates: [CarriedCertificate] = []
        public var responderCertificates: [CarriedCertificate] = []
    }

    @usableFromInline var storage: SharedStorage<Values>

    public init(initiatorSPI: UInt64, responderSPI: UInt64, initiatorAddress: IPAddress, responderAddress: IPAddress) {
        storage = SharedStorage(
            Values(
                initiatorSPI: initiatorSPI, responderSPI: responderSPI, initiatorAddress: initiatorAddress,
                responderAddress: responderAddress))
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
    public func isIdentical(to other: IKEv1Facts) -> Bool { storage === other.storage }

    public func certificates(of role: Role) -> [CarriedCertificate] {
        role == .initiator ? storage.values.initiatorCertificates : storage.values.responderCertificates
    }

    /// Lets go of what only phase 1 needed, once its keys are known.
    public mutating func settle() {
        (self.initiatorSABody, self.initiatorKE, self.responderKE) = (nil, nil, nil)
        (self.initiatorNonce, self.responderNonce) = (nil, nil)
        (self.initiatorIDBody, self.responderIDBody) = (nil, nil)
        (self.initiatorCertificates, self.responderCertificates) = ([], [])
    }
}
