import ScopeDissect
import ScopeModel
import ScopeWire

/// What the payloads of IKEv2 hold, as members of the payload's object.
struct IKEv2PayloadJSON {
    let chain: PayloadChain
    let payload: Payload
    let showSecrets: Bool

    func write(_ content: IKEv2.Content, to json: inout JSONWriter) {
        switch content {
        case .sa(let sa): json.writeList("proposals") { list in for proposal in sa.proposals { list.write(proposal) } }
        case .keyExchange(let exchange):
            json.writeNumber("group", exchange.group.rawValue)
            if let name = exchange.group.name { json.writeString("group_name", name) }
            json.writeHex("data", chain.slice(exchange.data))
        case .identification(let identification): json.write(identification)
        case .certificateRequest(let request):
            json.writeNumber("encoding", request.encoding.rawValue)
            if let name = request.encoding.name { json.writeString("encoding_name", name) }
            if !request.authorities.isEmpty {
                json.writeList("authorities") { list in
                    for hash in request.authorities { list.writeQuotedElement { $0.hex(hash) } }
                }
            } else if !request.data.isEmpty {
                json.writeHex("data", chain.slice(request.data))
            }
        case .authentication(let authentication):
            json.writeNumber("auth_method", authentication.method.rawValue)
            if let name = authentication.method.name { json.writeString("auth_method_name", name) }
            if let algorithm = authentication.algorithm {
                json.writeString("signature_algorithm", algorithm.description)
            }
            json.writeHex("data", chain.slice(authentication.data))
        case .nonce: json.writeHex("data", chain.slice(payload.body))
        case .notify(let notify): write(notify, to: &json)
        case .delete(let delete):
            json.write(delete.protocolID)
            json.writeList("spis") { list in for spi in delete.spis { list.writeElement(spi: spi) } }
            if delete.count > IKEv2.Delete.mostSPIs { json.writeNumber("spi_count", delete.count) }
        case .trafficSelectors(let selectors):
            json.writeList("selectors") { list in for selector in selectors.selectors { list.write(selector) } }
        case .encrypted(let encrypted):
            json.writeNumber("first", encrypted.first.rawValue)
            if let fragment = encrypted.fragment {
                json.writeNumber("fragment", fragment.number)
                json.writeNumber("fragments", fragment.total)
            }
        case .configuration(let configuration):
            json.writeNumber("cfg_type", configuration.type.rawValue)
            if let name = configuration.type.name { json.writeString("cfg_type_name", name) }
            json.writeList("attributes") { list in
                for attribute in configuration.attributes { list.write(attribute, in: .ikev2Configuration) }
            }
        case .eap(let eap): EAPJSON(eap: eap, data: chain.slice(eap.data), showSecrets: showSecrets).write(to: &json)
        case .passwordMethod, .keyDownload:
            if showSecrets { json.writeHex("data", chain.slice(payload.body)) } else { json.writeBool("hidden", true) }
        case .groupAssociation, .puzzleSolution: json.writeHex("data", chain.slice(payload.body))
        }
    }

    // MARK: Notifications

    private func write(_ notify: IKEv2.Notify, to json: inout JSONWriter) {
        json.write(notify.protocolID)
        if !notify.spi.isEmpty { json.writeSPI(notify.spi) }
        json.writeNumber("notify_type", notify.type.rawValue)
        if let name = notify.type.name { json.writeString("notify_name", name) }
        write(notify.content, to: &json)
        let data = chain.slice(notify.data)
        if !data.isEmpty { json.writeHex("data", data) }
    }

    private func write(_ content: IKEv2.NotifyContent, to json: inout JSONWriter) {
        switch content {
        case .bytes, .addressHash: break
        case .payloadType(let type):
            json.writeNumber("payload_type", type.rawValue)
            if let name = type.name { json.writeString("payload_type_name", name) }
        case .messageID(let id): json.writeNumber("invalid_message_id", id)
        case .spi(let spi):
            json.writeQuoted("invalid_spi") { sink in
                sink.literal("0x")
                sink.hex(UInt64(spi), digits: 8)
            }
        case .group(let group):
            json.writeNumber("group", group.rawValue)
            if let name = group.name { json.writeString("group_name", name) }
        case .windowSize(let size): json.writeNumber("window_size", size)
        case .ipComp(let cpi, let transform):
            json.writeNumber("cpi", cpi)
            json.writeNumber("ipcomp_transform", transform.rawValue)
            if let name = transform.name { json.writeString("ipcomp_transform_name", name) }
        case .hashAlgorithms(let hashes): json.writeCodes("hash_algorithms", hashes)
        case .address(let address): json.writeAddress("address", address)
        case .port(let port): json.writeNumber("port", port)
        case .seconds(let seconds), .ticket(let seconds, _): json.writeNumber("seconds", seconds)
        case .gateway(let gateway, _):
            switch gateway {
            case .address(let address): json.writeAddress("gateway", address)
            case .fqdn(let name): json.writeString("gateway", name)
            case .other: break
            }
        case .messageIDSync(let send, let receive):
            json.writeNumber("next_send", send)
            json.writeNumber("next_receive", receive)
        case .replayCounter(let delta): json.writeNumber("counter_delta", delta)
        case .passwordMethods(let methods): json.writeCodes("password_methods", methods)
        case .attributes(let attributes):
            json.writeList("attributes") { list in for attribute in attributes { list.write(attribute, in: .rohc) } }
        case .puzzle(let prf, let difficulty):
            json.writeNumber("prf", prf.rawValue)
            if let name = prf.name { json.writeString("prf_name", name) }
            json.writeNumber("difficulty", difficulty)
        case .ppk(let identity, _):
            json.writeNumber("ppk_id_type", identity.type.rawValue)
            if let name = identity.type.name { json.writeString("ppk_id_type_name", name) }
            json.writeString("ppk_id", Wording.text(of: identity.identity))
        case .authenticationMethods(let methods):
            json.writeList("auth_methods") { list in
                for announced in methods {
                    list.writeObject { json in
                        json.writeNumber("auth_method", announced.method.rawValue)
                        if let name = announced.method.name { json.writeString("auth_method_name", name) }
                        if let link = announced.certificateLink { json.writeNumber("certificate_link", link) }
                        if let algorithm = announced.algorithm {
                            json.writeString("signature_algorithm", algorithm.description)
                        }
                    }
                }
            }
        case .flags(let flags): json.writeNumber("aggfrag_flags", flags)
        case .device(let type, let digits):
            json.writeNumber("device_type", type.rawValue)
            if let name = type.name { json.writeString("device_type_name", name) }
            json.writeString("device", digits)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ protocolID: IKEv2.ProtocolID) {
        writeNumber("protocol_id", protocolID.rawValue)
        if let name = protocolID.name { writeString("protocol", name) }
    }

    /// The names of numbers, or the numbers of those that have none.
    fileprivate mutating func writeCodes<C: CodePoint>(_ name: StaticString, _ codes: [C]) {
        writeList(name) { list in for code in codes { list.writeElement(code.name ?? "\(code.rawValue)") } }
    }

    fileprivate mutating func write(_ proposal: IKEv2.Proposal) {
        writeObject { json in
            json.writeNumber("number", proposal.number)
            json.write(proposal.protocolID)
            if !proposal.spi.isEmpty { json.writeSPI(proposal.spi) }
            json.writeList("transforms") { list in for transform in proposal.transforms { list.write(transform) } }
        }
    }

    private mutating func write(_ transform: IKEv2.Transform) {
        writeObject { json in
            json.writeNumber("type", transform.type.rawValue)
            if let name = transform.type.name { json.writeString("type_name", name) }
            json.writeNumber("id", transform.id)
            if let name = transform.name { json.writeString("name", name) }
            json.writeList("attributes") { list in
                for attribute in transform.attributes { list.write(attribute, in: .ikev2Transform) }
            }
        }
    }

    fileprivate mutating func write(_ identification: IKEv2.Identification) {
        writeNumber("id_type", identification.type.rawValue)
        if let name = identification.type.name { writeString("id_type_name", name) }
        writeIdentity(identification.identity)
    }

    fileprivate mutating func write(_ selector: IKEv2.TrafficSelector) {
        writeObject { json in
            json.writeNumber("ts_type", selector.type.rawValue)
            if let name = selector.type.name { json.writeString("ts_type_name", name) }
            json.writeNumber("ip_protocol", selector.protocolID)
            switch selector.content {
            case .addresses(let first, let last, let firstPort, let lastPort):
                json.writeNumber("first_port", firstPort)
                json.writeNumber("last_port", lastPort)
                json.writeAddress("first", first)
                json.writeAddress("last", last)
            case .securityLabel(let label):
                json.writeString("label", Wording.text(of: label))
                json.writeHex("data", label)
            case .other(let bytes): json.writeHex("data", bytes)
            }
        }
    }
}
