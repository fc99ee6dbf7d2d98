import ScopeDissect
import ScopeModel
import ScopeWire

/// `debug crypto ikev2 packet`: the fields of each payload. The bytes, which `packet hexdump` adds, are left out.
extension IKEv2Lines {
    /// The header of the packet, and what stands in it.
    mutating func dumpPacket() {
        guard details.contains(.packet) || details.contains(.internal) else { return }
        if details.contains(.packet), begin(.packet) {
            out.sink.literal("Next payload: ")
            PayloadWords.write(header.nextPayload, to: out.sink)
            out.sink.write(
                ", version: ", .number(header.majorVersion), ".", .number(header.minorVersion), " Exchange type: ",
                PayloadWords.exchange(step.exchange), ", flags: ",
                header.flags.contains(.initiator) ? "INITIATOR " : "RESPONDER ",
                step.isResponse ? "MSG-RESPONSE " : "", "Message id: ", .number(step.messageID), ", length: ",
                .number(header.length))
            continuation("Payload contents: ")
        }
        // Its own encrypted payloads were listed when they were built.
        dump(isOutgoing ? message.message.chain : chain ?? message.message.chain)
    }

    mutating func dump(_ chain: PayloadChain) {
        guard details.contains(.packet) || details.contains(.internal) else { return }
        for payload in chain.payloads {
            announce(payload, chain)
            guard details.contains(.packet) else { continue }
            guard beginContinuation() else { return }
            out.sink.byte(UInt8(ascii: " "))
            PayloadWords.write(payload, to: out.sink)
            out.sink.literal("  Next payload: ")
            PayloadWords.write(payload.next, to: out.sink)
            out.sink.write(", reserved: 0x0, length: ", .number(payload.range.count))
            fields(payload)
        }
    }

    /// With `internal`: a vendor ID or a notification that is made or read.
    private mutating func announce(_ payload: Payload, _ chain: PayloadChain) {
        guard details.contains(.internal) else { return }
        let verb: StaticString = isOutgoing ? "Construct " : "Parse "
        switch payload.content {
        case .ikev2(.notify(let notify)):
            guard begin(.internal) else { return }
            out.sink.literal(verb)
            out.sink.literal("Notify Payload: ")
            PayloadWords.write(notify.type, to: out.sink)
        case .vendorID:
            guard begin(.internal) else { return }
            out.sink.literal(verb)
            out.sink.literal("Vendor Specific Payload: ")
            switch VendorWords.kind(chain.slice(payload.body)) {
            case .deleteReason: out.sink.literal(isOutgoing ? "DELETE-REASON" : "CISCO-DELETE-REASON")
            case .fragmentation: out.sink.literal("FRAGMENTATION")
            case .other: out.sink.literal("(CUSTOM)")
            }
        default: break
        }
    }

    private mutating func fields(_ payload: Payload) {
        guard case .ikev2(let content) = payload.content else {
            if case .certificate(let certificate) = payload.content {
                encoding(CertificateEncoding(rawValue: certificate.encoding))
                continuation("Cert data: ", .number(payload.body.count - 1), " bytes")
            }
            return
        }
        switch content {
        case .sa(let association):
            for (index, proposal) in association.proposals.enumerated() {
                fields(proposal, isLast: index == association.proposals.count - 1)
            }
        case .keyExchange(let exchange):
            continuation("    DH group: ", .number(exchange.group.rawValue), ", Reserved: 0x0")
        case .notify(let notify):
            continuation(
                "    Security protocol id: ", Self.name(notify.protocolID), ", spi size: ", .number(notify.spi.count),
                ", type: ")
            guard isLineOpen else { return }
            PayloadWords.write(notify.type, to: out.sink)
        case .certificateRequest(let request):
            encoding(request.encoding)
            continuation("CertReq data: ", .number(payload.body.count - 1), " bytes")
        case .identification(let identity):
            continuation("    Id type: ", IdentityWords.type(identity.type), ", Reserved: 0x0 0x0")
        case .authentication(let authentication):
            continuation(
                "    Auth method ", .word(ProofMethod(authentication).word), ", reserved: 0x0, reserved 0x0")
            continuation("Auth data: ", .number(payload.body.count - 4), " bytes")
        case .trafficSelectors(let traffic):
            continuation("    Num of TSs: ", .number(traffic.selectors.count), ", reserved 0x0, reserved 0x0")
            for selector in traffic.selectors { fields(selector) }
        case .delete(let delete):
            continuation(
                "    Security protocol id: ", Self.name(delete.protocolID), ", spi size: ", .number(delete.spiSize),
                ", num of spi: ", .number(delete.count))
        case .encrypted(let encrypted):
            continuation("Encrypted data: ", .number(encrypted.body.count), " bytes")
        case .configuration(let configuration):
            continuation(
                "    cfg type: ",
                .text(configuration.type.name ?? "Unknown - \(configuration.type.rawValue)"),
                ", reserved: 0x0, reserved: 0x0")
            for attribute in configuration.attributes {
                continuation(
                    "   attrib type: ",
                    UnconfirmedLines.dumped(attribute.type).map { .literal($0) }
                        ?? .text("Unknown - \(attribute.type)"),
                    ", length: ", .number(attribute.value.count))
            }
        default: break
        }
    }

    private mutating func fields(_ proposal: IKEv2.Proposal, isLast: Bool) {
        let lengths = proposal.transforms.map(Self.length)
        continuation(
            "  last proposal: ", isLast ? "0x0" : "0x2", ", reserved: 0x0, length: ",
            .number(lengths.reduce(8 + proposal.spi.count, +)))
        continuation(
            "  Proposal: ", .number(proposal.number), ", Protocol id: ", Self.name(proposal.protocolID),
            ", SPI size: ", .number(proposal.spi.count), ", #trans: ", .number(proposal.transforms.count))
        for (index, transform) in proposal.transforms.enumerated() {
            // The first one stands on the line of its proposal.
            if index > 0 { guard beginContinuation() else { return } }
            guard isLineOpen else { return }
            out.sink.write(
                "    last transform: ", index == lengths.count - 1 ? "0x0" : "0x3", ", reserved: 0x0: length: ",
                .number(lengths[index]))
            continuation("    type: ", .number(transform.type.rawValue), ", reserved: 0x0, id: ")
            TransformWords.write(transform, to: out.sink)
        }
    }

    private static func length(_ transform: IKEv2.Transform) -> Int {
        transform.attributes.reduce(8) { $0 + ($1.isShort ? 4 : 4 + $1.value.count) }
    }

    private mutating func fields(_ selector: IKEv2.TrafficSelector) {
        guard case .addresses(let from, let to, let first, let last) = selector.content else { return }
        continuation(
            "    TS type: ", from.isV6 ? "TS_IPV6_ADDR_RANGE" : "TS_IPV4_ADDR_RANGE", ", proto id: ",
            .number(selector.protocolID), ", length: ", from.isV6 ? "40" : "16")
        continuation("    start port: ", .number(first), ", end port: ", .number(last))
        continuation("    start addr: ", .upperAddress(from), ", end addr: ", .upperAddress(to))
    }

    private mutating func encoding(_ encoding: CertificateEncoding) {
        continuation(
            "    Cert encoding ",
            encoding == .x509Signature ? "X.509 Certificate - signature" : .text("Unknown - \(encoding.rawValue)"))
    }

    private static func name(_ protocolID: IKEv2.ProtocolID) -> Part {
        switch protocolID {
        case .ike: "IKE"
        case .ah: "AH"
        case .esp: "ESP"
        default: .text("Unknown - \(protocolID.rawValue)")
        }
    }
}
