import ScopeDissect

/// What a peer says that it is, when an IKE SA is set up.
public struct PeerIdentity: Hashable, Sendable {
    /// How it was written; both versions number the types alike.
    public var type: IdentificationType
    /// Text in it comes from the peer: escape it where it is printed.
    public var identity: Identity
    /// What IKEv1 narrows it to (RFC 2407 section 4.6.2); nil in IKEv2, whose payload has no such fields.
    public var service: Service?

    public init(type: IdentificationType, identity: Identity, service: Service? = nil) {
        self.type = type
        self.identity = identity
        self.service = service
    }

    public init(_ payload: IdentificationPayload) {
        self.init(
            type: payload.type, identity: payload.identity,
            service: Service(protocolID: payload.protocolID, port: payload.port))
    }

    /// A protocol of IP and a port; 0 means any.
    public struct Service: Hashable, Sendable {
        public var protocolID: UInt8
        public var port: UInt16

        public init(protocolID: UInt8, port: UInt16) {
            self.protocolID = protocolID
            self.port = port
        }
    }
}
