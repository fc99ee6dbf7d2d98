import ScopeDissect
import ScopeModel
import ScopeWire

/// The payloads of a chain, in wire order: type, name and length of each, then the fields of its kind.
struct PayloadJSON {
    let chain: PayloadChain
    /// One entry per NAT-D payload, in wire order.
    let natDiscovery: [NATDiscoveryMatch]
    /// What the CERT payloads hold.
    let certificates: CertificateReport?
    /// True where bytes that were not understood may be a password.
    let hidesUnknown: Bool
    let showSecrets: Bool

    func write(to list: inout JSONWriter) {
        var matches = natDiscovery[...]
        var contents = (certificates?.payloads ?? [])[...]
        for payload in chain.payloads {
            list.object { json in
                json.number("type", payload.type.rawValue)
                json.string("name", payload.name)
                json.number("length", payload.range.count)
                if payload.isCritical { json.bool("critical", true) }
                var match: NATDiscoveryMatch?
                if case .natDiscovery = payload.content { match = matches.popFirst() }
                content(payload, match, to: &json)
                if case .certificate = payload.content, let certificates, let held = contents.popFirst() {
                    json.write(held, of: certificates)
                }
                if let problem = payload.problem ?? payload.fault { json.problem(problem) }
            }
        }
    }

    private func content(_ payload: Payload, _ match: NATDiscoveryMatch?, to json: inout JSONWriter) {
        switch payload.content {
        case .sa(let sa):
            json.write(sa)
            if !sa.groupPolicy.isEmpty {
                json.list("group_policy") { list in
                    for part in sa.groupPolicy {
                        list.object { json in
                            json.number("type", part.type.rawValue)
                            json.string("name", part.name)
                            json.number("length", part.range.count)
                            json.hex("data", chain.slice(part.body))
                        }
                    }
                }
            }
        case .keyExchange, .hash, .signature, .nonce: json.hex("data", chain.slice(payload.body))
        case .identification(let identity), .natOriginalAddress(let identity): json.write(identity)
        case .certificate(let certificate): json.write(certificate, "subject", chain.slice(certificate.data))
        case .certificateRequest(let request): json.write(request, "authority", chain.slice(request.data))
        case .notification(let notification): json.write(notification, chain.slice(notification.data))
        case .delete(let delete):
            json.number("doi", delete.doi)
            json.write(delete.protocolID)
            json.list("spis") { list in for spi in delete.spis { list.element(spi: spi) } }
            if delete.count > DeletePayload.mostSPIs { json.number("spi_count", delete.count) }
        case .vendorID(let vendor):
            json.hex("vendor_id", chain.slice(payload.body))
            if let vendor {
                json.string("vendor", vendor.name)
                json.string("family", vendor.family)
            }
        case .attributes(let attributes):
            json.number("cfg_type", attributes.type)
            if let name = ConfigurationType(rawValue: attributes.type).name { json.string("cfg_type_name", name) }
            json.number("identifier", attributes.identifier)
            json.list("attributes") { list in
                // In a payload that contradicts itself, the bytes behind a password may be the rest of it.
                var isHidden = false
                for attribute in attributes.attributes {
                    let isSecret = AttributeContext.modeConfig.isSecret(attribute: attribute.type)
                    if !showSecrets, isSecret, payload.problem != nil { isHidden = true }
                    list.write(attribute, in: .modeConfig, isHidden: isHidden || !showSecrets && isSecret)
                }
            }
        case .natDiscovery:
            json.hex("hash", chain.slice(payload.body))
            if let match { json.word("matches", match.word) }
        case .fragment(let fragment):
            json.number("fragment_id", fragment.identifier)
            json.number("fragment", fragment.number)
            json.bool("last", fragment.isLast)
        case .sequenceNumber(let number): json.number("sequence", number)
        case .keyDownload(let packets):
            json.number("key_packets", packets)
            if showSecrets { json.hex("data", chain.slice(payload.body)) } else { json.bool("hidden", true) }
        case .sealed(let seal):
            json.word("sealed", seal == .publicKey ? "public-key" : "nonce-key")
            json.hex("data", chain.slice(payload.body))
        case .opaque: opaque(payload, to: &json)
        case .malformed: unknown(payload, to: &json)
        }
    }

    private func opaque(_ payload: Payload, to json: inout JSONWriter) {
        guard payload.type == .encrypted || payload.type == .encryptedFragment else {
            return unknown(payload, to: &json)
        }
        json.number("first", payload.next.rawValue)
        let body = chain.slice(payload.body)
        // RFC 7383 section 2.5: fragment number and total, two bytes each.
        guard payload.type == .encryptedFragment, body.count >= 4 else { return }
        let numbers = body.prefix(4).map { UInt16($0) }
        json.number("fragment", numbers[0] << 8 | numbers[1])
        json.number("fragments", numbers[2] << 8 | numbers[3])
    }

    private func unknown(_ payload: Payload, to json: inout JSONWriter) {
        if hidesUnknown { json.bool("hidden", true) } else { json.hex("data", chain.slice(payload.body)) }
    }
}

extension Payload {
    fileprivate var fault: DecodeError? { if case .malformed(let error) = content { error } else { nil } }
}

extension NATDiscoveryMatch {
    /// Which address of the packet at this tap the hash is of.
    var word: StaticString {
        switch self {
        case .destination: "destination"
        case .source: "source"
        case .neither: "neither"
        case .unknown: "unknown"
        }
    }
}

extension JSONWriter {
    /// An error inside a payload; its offset counts in what the message's payloads were read from.
    fileprivate mutating func problem(_ error: DecodeError) {
        object("error") { json in
            json.string("text", error.description)
            json.number("offset", error.offset)
        }
    }

    fileprivate mutating func write(_ certificate: CertificatePayload, _ name: StaticString, _ data: ArraySlice<UInt8>)
    {
        number("encoding", certificate.encoding)
        if let name = CertificateEncoding(rawValue: certificate.encoding).name { string("encoding_name", name) }
        if let subject = certificate.name { string(name, subject) }
        if let location = certificate.location {
            hex("hash", data.prefix(location.hash.count))
            string("url", location.url)
        }
        hex("data", data)
    }

    fileprivate mutating func write(_ notification: NotificationPayload, _ data: ArraySlice<UInt8>) {
        number("doi", notification.doi)
        write(notification.protocolID)
        if !notification.spi.isEmpty { self.spi(notification.spi) }
        number("notify_type", notification.type.rawValue)
        if let name = notification.type.name { string("notify_name", name) }
        if let sequence = notification.sequenceNumber { number("dpd_sequence", sequence) }
        if !notification.attributes.isEmpty {
            let context: AttributeContext = notification.protocolID == .isakmp ? .phase1 : .phase2
            list("attributes") { list in
                for attribute in notification.attributes { list.write(attribute, in: context) }
            }
        }
        if !data.isEmpty { hex("data", data) }
    }
}
