import ScopeWire

extension IKEv2.Content.Kind {
    /// What the body of each payload of IKEv2 is read as; the body of a type without a row is kept as bytes.
    ///
    /// A test compares the rows with the cases of `Kind` and with the names of `PayloadType`: a payload that nobody reads
    /// fails it.
    static let ofPayload: [PayloadType: Self] = [
        .securityAssociationV2: .sa, .keyExchangeV2: .keyExchange, .identificationInitiator: .identification,
        .identificationResponder: .identification, .certificateV2: .certificate,
        .certificateRequestV2: .certificateRequest, .authentication: .authentication, .nonceV2: .nonce,
        .notify: .notify, .deleteV2: .delete, .vendorIDV2: .vendorID, .trafficSelectorInitiator: .trafficSelectors,
        .trafficSelectorResponder: .trafficSelectors, .encrypted: .encrypted, .encryptedFragment: .encrypted,
        .configuration: .configuration, .eap: .eap, .passwordMethod: .passwordMethod,
        .groupIdentification: .identification, .groupAssociation: .groupAssociation, .keyDownloadV2: .keyDownload,
        .puzzleSolution: .puzzleSolution,
    ]

    /// The same by number, since each payload of each message is looked up.
    fileprivate static let byNumber = (UInt8.min...UInt8.max).map { ofPayload[PayloadType(rawValue: $0)] }
}

extension Payload.Content {
    /// Reads the body of a payload of IKEv2.
    ///
    /// What decodes only in part is kept, with the fault in `problem`. `next` is the next-payload field of its header.
    init(
        readingIKEv2 reader: inout ByteReader, _ bytes: RawSpan, _ context: PayloadContext, next: PayloadType,
        problem: inout DecodeError?
    ) throws(DecodeError) {
        switch IKEv2.Content.Kind.byNumber[Int(context.type.rawValue)] {
        case .certificate: self = .certificate(try CertificatePayload(reading: &reader, bytes, isRequest: false))
        case .vendorID: self = Self.vendor(&reader, bytes)
        case .sa: self = .ikev2(.sa(IKEv2.SAPayload(reading: &reader, bytes, problem: &problem)))
        case .keyExchange: self = .ikev2(.keyExchange(try IKEv2.KeyExchange(reading: &reader, bytes)))
        case .identification:
            self = .ikev2(.identification(try IKEv2.Identification(reading: &reader, bytes, problem: &problem)))
        case .certificateRequest:
            self = .ikev2(
                .certificateRequest(try IKEv2.CertificateRequest(reading: &reader, bytes, problem: &problem)))
        case .authentication:
            self = .ikev2(.authentication(try IKEv2.Authentication(reading: &reader, bytes, problem: &problem)))
        case .nonce:
            problem = IKEv2.nonceFault(reader)
            _ = reader.remainder("nonce data")
            self = .ikev2(.nonce)
        case .notify: self = .ikev2(.notify(try IKEv2.Notify(reading: &reader, bytes, problem: &problem)))
        case .delete: self = .ikev2(.delete(try IKEv2.Delete(reading: &reader, bytes, problem: &problem)))
        case .trafficSelectors:
            self = .ikev2(.trafficSelectors(try IKEv2.TrafficSelectors(reading: &reader, bytes, problem: &problem)))
        case .encrypted:
            let isFragment = context.type == .encryptedFragment
            self = .ikev2(
                .encrypted(try IKEv2.Encrypted(reading: &reader, bytes, isFragment: isFragment, first: next)))
        case .configuration:
            self = .ikev2(.configuration(try IKEv2.Configuration(reading: &reader, bytes, problem: &problem)))
        case .eap: self = .ikev2(.eap(try IKEv2.EAP(reading: &reader, bytes, problem: &problem)))
        case .passwordMethod:
            // What the methods send is derived from a password (RFC 6467 section 3.2).
            _ = reader.remainder("secret")
            self = .ikev2(.passwordMethod)
        case .groupAssociation:
            _ = reader.remainder("group policy")
            self = .ikev2(.groupAssociation)
        case .keyDownload:
            _ = reader.remainder("secret")
            self = .ikev2(.keyDownload)
        case .puzzleSolution:
            _ = reader.remainder("puzzle solution")
            self = .ikev2(.puzzleSolution)
        case nil:
            _ = reader.remainder("data")
            self = .opaque
        }
    }
}

extension IKEv2 {
    /// A nonce has 16 to 256 bytes (RFC 7296 section 3.9).
    fileprivate static func nonceFault(_ reader: ByteReader) -> DecodeError? {
        (16...256).contains(reader.remaining)
            ? nil : DecodeError(.badLength(reader.remaining), at: reader.at, field: "nonce data")
    }
}
