import ScopeWire

/// How the bodies of IKEv1's payloads are read: a row for each type, and bytes for a type without a row.
///
/// A test compares the rows with the cases of `Payload.Content` and with the names of `PayloadType`: a payload that nobody
/// reads fails it.
struct PayloadReader: Sendable {
    /// Reads a body; what decodes only in part is kept, with the fault in the last argument.
    typealias Read =
        @Sendable (inout ByteReader, RawSpan, PayloadContext, inout DecodeError?) throws(DecodeError) -> Payload.Content

    let type: PayloadType
    /// What the body becomes where it decodes.
    let kind: Payload.Content.Kind
    let read: Read

    /// The reader of the bodies of `type`; nil for what is kept as bytes.
    static func of(_ type: PayloadType) -> Read? { byType[Int(type.rawValue)] }

    /// By number, since each payload of each message is looked up.
    private static let byType: [Read?] = {
        var readers = [Read?](repeating: nil, count: 256)
        for row in all { readers[Int(row.type.rawValue)] = row.read }
        return readers
    }()

    static let all: [PayloadReader] = [
        PayloadReader(.sa, .sa) { (reader, bytes, _, problem) throws(DecodeError) in
            .sa(try SAPayload(reading: &reader, bytes, problem: &problem))
        },
        PayloadReader(.keyExchange, keeping: "key exchange data", as: .keyExchange),
        PayloadReader(.identification, .identification) { (reader, bytes, _, problem) throws(DecodeError) in
            .identification(try IdentificationPayload(reading: &reader, bytes, problem: &problem))
        },
        PayloadReader(.certificate, .certificate) { (reader, bytes, _, _) throws(DecodeError) in
            .certificate(try CertificatePayload(reading: &reader, bytes, isRequest: false))
        },
        PayloadReader(.certificateRequest, .certificateRequest) { (reader, bytes, _, _) throws(DecodeError) in
            .certificateRequest(try CertificatePayload(reading: &reader, bytes, isRequest: true))
        },
        PayloadReader(.hash, keeping: "hash data", as: .hash),
        PayloadReader(.signature, keeping: "signature data", as: .signature),
        PayloadReader(.nonce, keeping: "nonce data", as: .nonce),
        PayloadReader(.notification, .notification) { (reader, bytes, _, problem) throws(DecodeError) in
            .notification(try NotificationPayload(reading: &reader, bytes, problem: &problem))
        },
        PayloadReader(.delete, .delete) { (reader, bytes, _, problem) throws(DecodeError) in
            .delete(try DeletePayload(reading: &reader, bytes, problem: &problem))
        },
        PayloadReader(.vendorID, .vendorID) { (reader, bytes, _, _) throws(DecodeError) in .vendor(&reader, bytes) },
        PayloadReader(.attributes, .attributes) { (reader, bytes, _, problem) throws(DecodeError) in
            .attributes(try AttributesPayload(reading: &reader, bytes, problem: &problem))
        },
        PayloadReader(.natDiscovery, keeping: addressHash, as: .natDiscovery),
        PayloadReader(.natDiscoveryDraft, keeping: addressHash, as: .natDiscovery),
        PayloadReader(.natOriginalAddress, .natOriginalAddress, originalAddress),
        PayloadReader(.natOriginalAddressDraft, .natOriginalAddress, originalAddress),
        // GDOI's number, which drafts of NAT traversal used for NAT-D.
        PayloadReader(.saKEK, .natDiscovery) { (reader, _, context, _) throws(DecodeError) in
            let isHash = !context.isGDOI && isHashLength(reader.remaining)
            _ = reader.remainder(isHash ? addressHash : "data")
            return isHash ? .natDiscovery : .opaque
        },
        // The same for NAT-OA.
        PayloadReader(.saTEK, .natOriginalAddress) { (reader, bytes, context, problem) throws(DecodeError) in
            guard !context.isGDOI, isOriginalAddress(reader, bytes) else {
                _ = reader.remainder("data")
                return .opaque
            }
            return try originalAddress(&reader, bytes, context, &problem)
        },
        PayloadReader(.sequenceNumber, .sequenceNumber) { (reader, bytes, _, _) throws(DecodeError) in
            .sequenceNumber(try reader.u32(bytes, "sequence number"))
        },
        PayloadReader(.keyDownload, .keyDownload) { (reader, bytes, _, _) throws(DecodeError) in
            let packets = try reader.u16(bytes, "key packets")
            _ = try reader.u16(bytes, "reserved")
            // The keys of the group.
            _ = reader.remainder("secret")
            return .keyDownload(packets: packets)
        },
        PayloadReader(.fragment, .fragment) { (reader, bytes, _, _) throws(DecodeError) in
            .fragment(try FragmentPayload(reading: &reader, bytes))
        },
    ]

    private init(_ type: PayloadType, _ kind: Payload.Content.Kind, _ read: @escaping Read) {
        self.type = type
        self.kind = kind
        self.read = read
    }

    /// The reader of a body that has no fields.
    private init(_ type: PayloadType, keeping field: StaticString, as content: Payload.Content) {
        self.init(type, content.kind) { (reader, _, _, _) throws(DecodeError) in
            _ = reader.remainder(field)
            return content
        }
    }

    private static let addressHash: StaticString = "address hash"

    private static let originalAddress: Read = { (reader, bytes, _, problem) throws(DecodeError) in
        .natOriginalAddress(try IdentificationPayload(reading: &reader, bytes, problem: &problem))
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
