import ScopeDissect
import ScopeModel
import ScopeWire

/// What SA, identification and attribute payloads hold.
extension JSONWriter {
    mutating func write(_ sa: SAPayload) {
        writeNumber("doi", sa.doi)
        writeNumber("situation", sa.situation)
        writeList("proposals") { list in for proposal in sa.proposals { list.write(proposal) } }
    }

    private mutating func write(_ proposal: Proposal) {
        writeObject { json in
            json.writeNumber("number", proposal.number)
            json.write(proposal.protocolID)
            if !proposal.spi.isEmpty { json.writeSPI(proposal.spi) }
            json.writeList("transforms") { list in
                for transform in proposal.transforms { list.write(transform, of: proposal.protocolID) }
            }
        }
    }

    private mutating func write(_ transform: Transform, of protocolID: SecurityProtocol) {
        writeObject { $0.writeFields(of: transform, in: protocolID) }
    }

    /// What stands in the object of a transform.
    mutating func writeFields(of transform: Transform, in protocolID: SecurityProtocol) {
        writeNumber("number", transform.number)
        writeNumber("id", transform.id)
        if let name = TransformID.name(of: transform.id, protocol: protocolID) { writeString("name", name) }
        writeList("attributes") { list in
            for attribute in transform.attributes {
                list.write(attribute, in: protocolID == .isakmp ? .phase1 : .phase2)
            }
        }
    }

    /// One attribute: `value` is a number or a text, or null where it is empty, hidden or known as bytes alone.
    mutating func write(_ attribute: Attribute, in context: AttributeContext, isHidden: Bool = false) {
        writeObject { json in
            json.writeNumber("type", attribute.type)
            if let name = context.name(ofAttribute: attribute.type) { json.writeString("name", name) }
            if isHidden, !attribute.value.isEmpty {
                json.writeNull("value")
                json.writeBool("hidden", true)
                return
            }
            switch attribute.meaning(in: context) {
            case .number(let number): json.writeNumber("value", number)
            case .code(let number, let name):
                json.writeNumber("value", number)
                if let name { json.writeString("value_name", name) }
            case .address(let address): json.writeAddress("value", address)
            case .text(let text): json.writeString("value", text)
            case .bytes, .structure:
                json.writeNull("value")
                if !attribute.value.isEmpty { json.writeHex("data", attribute.value) }
            }
        }
    }

    mutating func write(_ payload: IdentificationPayload) { write(PeerIdentity(payload)) }

    mutating func write(_ peer: PeerIdentity) {
        writeNumber("id_type", peer.type.rawValue)
        if let name = peer.type.name { writeString("id_type_name", name) }
        if let service = peer.service {
            writeNumber("ip_protocol", service.protocolID)
            writeNumber("port", service.port)
        }
        writeIdentity(peer.identity)
    }

    /// An identity as text; as bytes where it may be none.
    mutating func writeIdentity(_ identity: Identity) {
        switch identity {
        case .address(let address): writeAddress("identity", address)
        case .subnet(let net, let mask):
            writeString("identity", "\(net)/\(Wording.prefix(mask))")
        case .range(let first, let last): writeString("identity", "\(first)-\(last)")
        case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text): writeString("identity", text)
        case .keyID(let bytes):
            writeString("identity", Wording.text(of: bytes))
            writeHex("data", bytes)
        case .other(let bytes): writeHex("data", bytes)
        }
    }

    mutating func write(_ protocolID: SecurityProtocol) {
        writeNumber("protocol_id", protocolID.rawValue)
        if let name = protocolID.name { writeString("protocol", name) }
    }

    /// As the packets of an SA name it when it has four bytes, else the bytes in hex: cookies.
    mutating func writeSPI(_ bytes: [UInt8]) { writeQuoted("spi") { Self.spi(bytes, to: $0) } }

    mutating func writeElement(spi bytes: [UInt8]) { writeQuotedElement { Self.spi(bytes, to: $0) } }

    private static func spi(_ bytes: [UInt8], to sink: ByteSink) {
        if bytes.count == 4 { sink.literal("0x") }
        sink.hex(bytes)
    }
}
