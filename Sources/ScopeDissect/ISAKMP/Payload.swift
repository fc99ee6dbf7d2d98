import ScopeWire

/// One link of a payload chain.
public struct Payload: Sendable {
    public var type: PayloadType
    /// With the generic header (4 bytes).
    public var range: Range<Int>
    /// Without it.
    public var body: Range<Int>
    /// IKEv2's critical bit.
    public var isCritical: Bool
    /// What the next-payload field of this payload's own header says.
    public var next: PayloadType
    public var content: Content
    /// What is wrong with the body, if anything: that of `malformed`, or the fault of one that decoded in part.
    public var problem: DecodeError?

    public enum Content: Sendable {
        case sa(SAPayload)
        case keyExchange
        case identification(IdentificationPayload)
        case certificate(CertificatePayload)
        case certificateRequest(CertificatePayload)
        case hash
        case signature
        case nonce
        case notification(NotificationPayload)
        case delete(DeletePayload)
        case vendorID(VendorID?)
        case attributes(AttributesPayload)
        case natDiscovery
        case natOriginalAddress(IdentificationPayload)
        case fragment(FragmentPayload)
        /// GDOI's Sequence Number (RFC 6407 section 5.7).
        case sequenceNumber(UInt32)
        /// GDOI's Key Download (RFC 6407 section 5.6): how many packets of keys.
        case keyDownload(packets: UInt16)
        /// A body of phase 1 that is encrypted by itself (RFC 2409 sections 5.2 and 5.3).
        case sealed(BodySeal)
        /// A body of IKEv2 that IKEv1 has no equal of.
        case ikev2(IKEv2.Content)
        /// A payload whose body is kept as bytes.
        case opaque
        /// A known payload whose body does not decode.
        case malformed(DecodeError)
    }

    public init(
        type: PayloadType, range: Range<Int>, body: Range<Int>, isCritical: Bool, next: PayloadType, content: Content,
        problem: DecodeError? = nil
    ) {
        self.type = type
        self.range = range
        self.body = body
        self.isCritical = isCritical
        self.next = next
        self.content = content
        self.problem = problem
    }
}

extension Payload.Content {
    /// What a body was read as, without its fields.
    enum Kind: CaseIterable, Sendable {
        case sa, keyExchange, identification, certificate, certificateRequest, hash, signature, nonce, notification
        case delete, vendorID, attributes, natDiscovery, natOriginalAddress, fragment, sequenceNumber, keyDownload
        case sealed, ikev2, opaque, malformed
    }

    var kind: Kind {
        switch self {
        case .sa: .sa
        case .keyExchange: .keyExchange
        case .identification: .identification
        case .certificate: .certificate
        case .certificateRequest: .certificateRequest
        case .hash: .hash
        case .signature: .signature
        case .nonce: .nonce
        case .notification: .notification
        case .delete: .delete
        case .vendorID: .vendorID
        case .attributes: .attributes
        case .natDiscovery: .natDiscovery
        case .natOriginalAddress: .natOriginalAddress
        case .fragment: .fragment
        case .sequenceNumber: .sequenceNumber
        case .keyDownload: .keyDownload
        case .sealed: .sealed
        case .ikev2: .ikev2
        case .opaque: .opaque
        case .malformed: .malformed
        }
    }
}
