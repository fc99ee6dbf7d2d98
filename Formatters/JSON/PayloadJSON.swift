import ScopeDissect
import ScopeModel
import ScopeWire

/// The payloads of a chain, in wire order: type, name and length of each, then the fields of its kind.
struct PayloadJSON {
    let chain: PayloadChain
    /// One entry per NAT-D payload, or per notification of NAT detection, in wire order.
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
            list.writeObject { json in
                json.writeNumber("type", payload.type.rawValue)
                json.writeString("name", payload.name)
                json.writeNumber("length", payload.range.count)
                if payload.isCritical { json.writeBool("critical", true) }
                var match: NATDiscoveryMatch?
                if payload.tellsOfNAT { match = matches.popFirst() }
                content(payload, match, to: &json)
                if case .certificate = payload.content, let certificates, let held = contents.popFirst() {
                    json.write(held, of: certificates)
                }
                if let problem = payload.problem ?? payload.fault { json.writeProblem(problem) }
            }
        }
    }

    private func content(_ payload: Payload, _ match: NATDiscoveryMatch?, to json: inout JSONWriter) {
        switch payload.content {
        case .sa(let sa):
            json.write(sa)
            if !sa.groupPolicy.isEmpty {
                json.writeList("group_policy") { list in
                    for part in sa.groupPolicy {
                        list.writeObject { json in
                            json.writeNumber("type", part.type.rawValue)
                            json.writeString("name", part.name)
                            json.writeNumber("length", part.range.count)
                            json.writeHex("data", chain.slice(part.body))
                        }
                    }
                }
            }
        case .keyExchange, .hash, .signature, .nonce: json.writeHex("data", chain.slice(payload.body))
        case .identification(let identity), .natOriginalAddress(let identity): json.write(identity)
        case .certificate(let certificate): json.write(certificate, "subject", chain.slice(certificate.data))
        case .certificateRequest(let request): json.write(request, "authority", chain.slice(request.data))
        case .notification(let notification): json.write(notification, chain.slice(notification.data))
        case .delete(let delete):
            json.writeNumber("doi", delete.doi)
            json.write(delete.protocolID)
            json.writeList("spis") { list in for spi in delete.spis { list.writeElement(spi: spi) } }
            if delete.count > DeletePayload.mostSPIs { json.writeNumber("spi_count", delete.count) }
        case .vendorID(let vendor):
            json.writeHex("vendor_id", chain.slice(payload.body))
            if let vendor {
                json.writeString("vendor", vendor.name)
                json.writeString("family", vendor.family)
            }
        case .attributes(let attributes):
            json.writeNumber("cfg_type", attributes.type)
            if let name = ConfigurationType(rawValue: attributes.type).name { json.writeString("cfg_type_name", name) }
            json.writeNumber("identifier", attributes.identifier)
            json.writeList("attributes") { list in
                // In a payload that contradicts itself, the bytes behind a password may be the rest of it.
                var isHidden = false
                for attribute in attributes.attributes {
                    let isSecret = AttributeContext.modeConfig.isSecret(attribute: attribute.type)
                    if !showSecrets, isSecret, payload.problem != nil { isHidden = true }
                    list.write(attribute, in: .modeConfig, isHidden: isHidden || !showSecrets && isSecret)
                }
            }
        case .natDiscovery:
            json.writeHex("hash", chain.slice(payload.body))
            if let match { json.writeWord("matches", match.word) }
        case .fragment(let fragment):
            json.writeNumber("fragment_id", fragment.identifier)
            json.writeNumber("fragment", fragment.number)
            json.writeBool("last", fragment.isLast)
        case .sequenceNumber(let number): json.writeNumber("sequence", number)
        case .keyDownload(let packets):
            json.writeNumber("key_packets", packets)
            if showSecrets { json.writeHex("data", chain.slice(payload.body)) } else { json.writeBool("hidden", true) }
        case .sealed(let seal):
            json.writeWord("sealed", seal == .publicKey ? "public-key" : "nonce-key")
            json.writeHex("data", chain.slice(payload.body))
        case .ikev2(let content):
            IKEv2PayloadJSON(chain: chain, payload: payload, showSecrets: showSecrets).write(content, to: &json)
            if let match { json.writeWord("matches", match.word) }
        case .opaque, .malformed: unknown(payload, to: &json)
        }
    }

    private func unknown(_ payload: Payload, to json: inout JSONWriter) {
        if hidesUnknown { json.writeBool("hidden", true) } else { json.writeHex("data", chain.slice(payload.body)) }
    }
}

extension Payload {
    /// It has the hash of an address (RFC 3947 section 3.2, RFC 7296 section 2.23).
    fileprivate var tellsOfNAT: Bool {
        switch content {
        case .natDiscovery: true
        case .ikev2(.notify(let notify)):
            notify.type == .natDetectionSourceIP || notify.type == .natDetectionDestinationIP
        default: false
        }
    }

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
    fileprivate mutating func writeProblem(_ error: DecodeError) {
        writeObject("error") { json in
            json.writeString("text", error.description)
            json.writeNumber("offset", error.offset)
        }
    }

    fileprivate mutating func write(_ certificate: CertificatePayload, _ name: StaticString, _ data: ArraySlice<UInt8>)
    {
        writeNumber("encoding", certificate.encoding)
        if let name = CertificateEncoding(rawValue: certificate.encoding).name { writeString("encoding_name", name) }
        if let subject = certificate.name { writeString(name, subject) }
        if let location = certificate.location {
            writeHex("hash", data.prefix(location.hash.count))
            writeString("url", location.url)
        }
        writeHex("data", data)
    }

    fileprivate mutating func write(_ notification: NotificationPayload, _ data: ArraySlice<UInt8>) {
        writeNumber("doi", notification.doi)
        write(notification.protocolID)
        if !notification.spi.isEmpty { writeSPI(notification.spi) }
        writeNumber("notify_type", notification.type.rawValue)
        if let name = notification.type.name { writeString("notify_name", name) }
        if let sequence = notification.sequenceNumber { writeNumber("dpd_sequence", sequence) }
        if !notification.attributes.isEmpty {
            let context: AttributeContext = notification.protocolID == .isakmp ? .phase1 : .phase2
            writeList("attributes") { list in
                for attribute in notification.attributes { list.write(attribute, in: context) }
            }
        }
        if !data.isEmpty { writeHex("data", data) }
    }
}
