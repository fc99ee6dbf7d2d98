import ScopeDissect
import ScopeModel
import ScopeWire

/// What SA, identification and attribute payloads hold.
extension JSONWriter {
    mutating func write(_ sa: SAPayload) {
        number("doi", sa.doi)
        number("situation", sa.situation)
        list("proposals") { list in for proposal in sa.proposals { list.write(proposal) } }
    }

    private mutating func write(_ proposal: Proposal) {
        object { json in
            json.number("number", proposal.number)
            json.write(proposal.protocolID)
            if !proposal.spi.isEmpty { json.spi(proposal.spi) }
            json.list("transforms") { list in
                for transform in proposal.transforms { list.write(transform, of: proposal.protocolID) }
            }
        }
    }

    private mutating func write(_ transform: Transform, of protocolID: SecurityProtocol) {
        object { $0.fields(of: transform, in: protocolID) }
    }

    /// What stands in the object of a transform.
    mutating func fields(of transform: Transform, in protocolID: SecurityProtocol) {
        number("number", transform.number)
        number("id", transform.id)
        if let name = TransformID.name(of: transform.id, protocol: protocolID) { string("name", name) }
        list("attributes") { list in
            for attribute in transform.attributes {
                list.write(attribute, in: protocolID == .isakmp ? .phase1 : .phase2)
            }
        }
    }

    /// One attribute: `value` is a number or a text, or null where it is empty, hidden or known as bytes alone.
    mutating func write(_ attribute: Attribute, in context: AttributeContext, isHidden: Bool = false) {
        object { json in
            json.number("type", attribute.type)
            if let name = context.name(ofAttribute: attribute.type) { json.string("name", name) }
            if isHidden, !attribute.value.isEmpty {
                json.null("value")
                json.bool("hidden", true)
                return
            }
            switch attribute.meaning(in: context) {
            case .number(let number): json.number("value", number)
            case .code(let number, let name):
                json.number("value", number)
                if let name { json.string("value_name", name) }
            case .address(let address): json.address("value", address)
            case .text(let text): json.string("value", text)
            case .bytes, .structure:
                json.null("value")
                if !attribute.value.isEmpty { json.hex("data", attribute.value) }
            }
        }
    }

    mutating func write(_ payload: IdentificationPayload) { write(PeerIdentity(payload)) }

    mutating func write(_ peer: PeerIdentity) {
        number("id_type", peer.type.rawValue)
        if let name = peer.type.name { string("id_type_name", name) }
        if let service = peer.service {
            number("ip_protocol", service.protocolID)
            number("port", service.port)
        }
        switch peer.identity {
        case .address(let address): self.address("identity", address)
        case .subnet(let net, let mask):
            string("identity", "\(net)/\(Wording.prefix(mask))")
        case .range(let first, let last): string("identity", "\(first)-\(last)")
        case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text): string("identity", text)
        case .keyID(let bytes):
            string("identity", Wording.text(of: bytes))
            hex("data", bytes)
        case .other(let bytes): hex("data", bytes)
        }
    }

    mutating func write(_ protocolID: SecurityProtocol) {
        number("protocol_id", protocolID.rawValue)
        if let name = protocolID.name { string("protocol", name) }
    }

    /// As the packets of an SA name it when it has four bytes, else the bytes in hex: cookies.
    mutating func spi(_ bytes: [UInt8]) { quoted("spi") { Self.spi(bytes, to: $0) } }

    mutating func element(spi bytes: [UInt8]) { quotedElement { Self.spi(bytes, to: $0) } }

    private static func spi(_ bytes: [UInt8], to sink: ByteSink) {
        if bytes.count == 4 { sink.literal("0x") }
        sink.hex(bytes)
    }
}
