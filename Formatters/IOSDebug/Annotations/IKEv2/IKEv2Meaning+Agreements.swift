import ScopeDissect
import ScopeModel
import ScopeWire

/// Offers and choices, keys and traffic.
extension IKEv2Meaning {
    // MARK: Proposals

    func proposals() {
        for payload in chain.payloads {
            guard case .ikev2(.sa(let association)) = payload.content else { continue }
            for proposal in association.proposals.prefix(Self.listed) {
                notes.note { sink in
                    sink.write(
                        sender, step.isResponse ? " chooses proposal " : " offers proposal ", .number(proposal.number),
                        ", ", .text(proposal.protocolID.name ?? "protocol \(proposal.protocolID.rawValue)"), ": ")
                    write(proposal.transforms, to: sink)
                    if !proposal.spi.isEmpty { sink.write("; its SPI is ", .hexBytes(proposal.spi)) }
                }
            }
            let more = association.proposals.count - Self.listed
            if more > 0 { notes.note("  and ", .number(more), " more") }
        }
        if has(.useTransportMode) {
            notes.note(sender, step.isResponse ? " agrees to transport mode" : " asks for transport mode")
        }
    }

    /// `ENCR AES_CBC-256 or AES_CBC-128, PRF HMAC_SHA2_256`: of each type one is to be taken.
    private func write(_ transforms: [IKEv2.Transform], to sink: ByteSink) {
        var types: [IKEv2.TransformType] = []
        for transform in transforms where !types.contains(transform.type) { types.append(transform.type) }
        if types.isEmpty { sink.literal("nothing") }
        for (place, type) in types.enumerated() {
            if place > 0 { sink.literal(", ") }
            sink.text(type.name ?? "type \(type.rawValue)")
            sink.literal(" ")
            let ofType = transforms.filter { $0.type == type }
            for (index, transform) in ofType.prefix(Self.listed).enumerated() {
                if index > 0 { sink.literal(" or ") }
                sink.text(transform.name ?? "\(transform.id)")
                if let length = transform.keyLength { sink.write("-", .number(length)) }
            }
            if ofType.count > Self.listed { sink.write(" or ", .number(ofType.count - Self.listed), " more") }
        }
    }

    // MARK: Keys

    func keyExchange() {
        var nonce: Int?
        for payload in chain.payloads {
            if case .ikev2(.nonce) = payload.content { nonce = payload.body.count }
        }
        let exchanges = chain.payloads.compactMap { payload -> IKEv2.KeyExchange? in
            if case .ikev2(.keyExchange(let exchange)) = payload.content { exchange } else { nil }
        }
        for exchange in exchanges.prefix(Self.listed) {
            var parts: [Part] = [
                sender, " sends its public value of ", .text(Self.name(exchange.group)), ", ",
                .number(exchange.data.count), " bytes",
            ]
            if let length = nonce { parts += [", and a nonce of ", .number(length), " bytes"] }
            nonce = nil
            notes.note(parts)
        }
        if let nonce, step.exchange == .createChildSA {
            notes.note(sender, " sends a nonce of ", .number(nonce), " bytes and no public value: no PFS")
        }
    }

    // MARK: Traffic

    func traffic() {
        guard chain.contains(.trafficSelectorInitiator) || chain.contains(.trafficSelectorResponder) else { return }
        let child = message.quickMode?.v2
        guard let said = step.isResponse ? child?.granted : child?.asked else { return selectors() }
        let begunBy = message.quickMode?.initiatedBy ?? message.sender
        if step.isResponse, let asked = child?.asked {
            if said == asked { return notes.note(sender, " accepts the traffic as it was asked for") }
            if child?.isNarrowed == true {
                return notes.warning { sink in
                    sink.write(sender, " narrows the traffic that was asked for: the SAs are for ")
                    write(said, begunBy, to: sink)
                }
            }
        }
        notes.note { sink in
            sink.literal(step.isResponse ? "the SAs are for " : "for ")
            write(said, begunBy, to: sink)
        }
    }

    /// Selectors of which a side is missing, or whose negotiation is not known.
    private func selectors() {
        for payload in chain.payloads {
            guard case .ikev2(.trafficSelectors(let content)) = payload.content else { continue }
            notes.note { sink in
                sink.write(.text(payload.name), ": ")
                Wording.traffic(content.selectors.map { TrafficSelector($0) }, to: sink)
            }
        }
    }

    /// `traffic between 10.1.0.0/24 (the initiator) and 10.2.0.0/24 (the responder)`.
    private func write(_ traffic: ChildTraffic, _ begunBy: Role, to sink: ByteSink) {
        sink.literal("traffic between ")
        Wording.traffic(traffic.initiator, to: sink)
        sink.write(" (", Wording.side(begunBy), ") and ")
        Wording.traffic(traffic.responder, to: sink)
        sink.write(" (", Wording.side(begunBy.other), ")")
    }

    // MARK: Deletes

    func deletes() {
        for payload in chain.payloads {
            guard case .ikev2(.delete(let delete)) = payload.content else { continue }
            if delete.protocolID == .ike {
                notes.note(sender, " deletes the IKE SA, and with it all SAs that it made")
                continue
            }
            let name = delete.protocolID.name ?? "protocol \(delete.protocolID.rawValue)"
            let spis = delete.spis.prefix(Self.listed).map { "0x" + String(hex: $0) }.joined(separator: ", ")
            notes.note(
                sender, step.isResponse ? " deletes in turn " : " deletes ",
                .text(Wording.count(delete.count, "\(name) SA")), ": SPI ", .text(spis),
                delete.count > Self.listed ? .text(" and \(delete.count - Self.listed) more") : "",
                " (packets to it are not accepted any more)")
        }
    }
}
