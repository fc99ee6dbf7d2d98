import ScopeWire

extension Payload.Content.Kind {
    /// What the body of each payload of IKEv1 is read as; the body of a type without a row is kept as bytes.
    ///
    /// A test compares the rows with the cases of `Kind` and with the names of `PayloadType`: a payload that nobody reads
    /// fails it.
    static let ofIKEv1: [PayloadType: Self] = [
        .sa: .sa, .keyExchange: .keyExchange, .identification: .identification, .certificate: .certificate,
        .certificateRequest: .certificateRequest, .hash: .hash, .signature: .signature, .nonce: .nonce,
        .notification: .notification, .delete: .delete, .vendorID: .vendorID, .attributes: .attributes,
        .natDiscovery: .natDiscovery, .natDiscoveryDraft: .natDiscovery, .natOriginalAddress: .natOriginalAddress,
        .natOriginalAddressDraft: .natOriginalAddress, .sequenceNumber: .sequenceNumber, .keyDownload: .keyDownload,
        .fragment: .fragment,
        // GDOI's numbers, which drafts of NAT traversal used for these two.
        .saKEK: .natDiscovery, .saTEK: .natOriginalAddress,
    ]

    /// The same by number, since each payload of each message is looked up.
    fileprivate static let byNumber = (UInt8.min...UInt8.max).map { ofIKEv1[PayloadType(rawValue: $0)] ?? .opaque }
}

extension Payload.Content {
    /// Reads the body of a payload of IKEv1.
    ///
    /// What decodes only in part is kept, with the fault in `problem`.
    init(
        readingIKEv1 reader: inout ByteReader, _ bytes: RawSpan, _ context: PayloadContext,
        problem: inout DecodeError?
    ) throws(DecodeError) {
        switch Self.kind(of: context, reader, bytes) {
        case .sa: self = .sa(try SAPayload(reading: &reader, bytes, problem: &problem))
        case .keyExchange:
            _ = reader.remainder("key exchange data")
            self = .keyExchange
        case .identification:
            self = .identification(try IdentificationPayload(reading: &reader, bytes, problem: &problem))
        case .certificate: self = .certificate(try CertificatePayload(reading: &reader, bytes, isRequest: false))
        case .certificateRequest:
            self = .certificateRequest(try CertificatePayload(reading: &reader, bytes, isRequest: true))
        case .hash:
            _ = reader.remainder("hash data")
            self = .hash
        case .signature:
            _ = reader.remainder("signature data")
            self = .signature
        case .nonce:
            _ = reader.remainder("nonce data")
            self = .nonce
        case .notification:
            self = .notification(try NotificationPayload(reading: &reader, bytes, problem: &problem))
        case .delete: self = .delete(try DeletePayload(reading: &reader, bytes, problem: &problem))
        case .vendorID: self = Self.vendor(&reader, bytes)
        case .attributes: self = .attributes(try AttributesPayload(reading: &reader, bytes, problem: &problem))
        case .natDiscovery:
            _ = reader.remainder("address hash")
            self = .natDiscovery
        case .natOriginalAddress:
            self = .natOriginalAddress(try IdentificationPayload(reading: &reader, bytes, problem: &problem))
        case .sequenceNumber: self = .sequenceNumber(try reader.u32(bytes, "sequence number"))
        case .keyDownload:
            self = .keyDownload(packets: try reader.u16(bytes, "key packets"))
            _ = try reader.u16(bytes, "reserved")
            // The keys of the group.
            _ = reader.remainder("secret")
        case .fragment: self = .fragment(try FragmentPayload(reading: &reader, bytes))
        case .sealed, .ikev2, .opaque, .malformed:
            _ = reader.remainder("data")
            self = .opaque
        }
    }

    private static func kind(of context: PayloadContext, _ reader: ByteReader, _ bytes: RawSpan) -> Kind {
        switch context.type {
        case .saKEK where context.isGDOI || !isHashLength(reader.remaining): .opaque
        case .saTEK where context.isGDOI || !isOriginalAddress(reader, bytes): .opaque
        default: Kind.byNumber[Int(context.type.rawValue)]
        }
    }

    /// The sizes of MD5, SHA-1, SHA2-256, SHA2-384 and SHA2-512.
    private static func isHashLength(_ count: Int) -> Bool { [16, 20, 32, 48, 64].contains(count) }

    /// An ID of type IPv4 or IPv6 with an address of its size behind it (RFC 3947 section 5.2).
    private static func isOriginalAddress(_ reader: ByteReader, _ bytes: RawSpan) -> Bool {
        switch reader.peek(bytes) {
        case IdentificationType.ipv4.rawValue: reader.remaining == 8
        case IdentificationType.ipv6.rawValue: reader.remaining == 20
        default: false
        }
    }
}
