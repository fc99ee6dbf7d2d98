import ScopeDissect
import ScopeWire

/// What values hold in memory, as far as a peer can make it grow: estimates, in bytes, for whoever keeps them in a bound.
///
/// None of them walks over more than one message can hold.
extension Event {
    public var footprint: Int {
        switch kind {
        case .ikeMessage(let message), .ikeFragment(let message): 1024 + message.footprint
        case .ipsecSAs(let pair): 1024 + pair.negotiation.footprint + (pair.transform?.footprint ?? 0)
        default: 512
        }
    }
}

extension IKEMessage {
    public var footprint: Int {
        var sum = message.bytes.count + message.chain.footprint
        if case .opened(let chain, _, _) = opening { sum += chain.bytes.count + chain.footprint }
        return sum + frames.count * MemoryLayout<Int>.stride
    }
}

extension PayloadChain {
    /// Of the parsed form alone.
    public var footprint: Int {
        var sum = payloads.count * MemoryLayout<Payload>.stride
        for payload in payloads { sum += payload.content.footprint }
        return sum
    }
}

extension Payload.Content {
    fileprivate var footprint: Int {
        switch self {
        case .sa(let content): content.footprint
        case .delete(let content): content.spiBytes.count
        case .attributes(let content): content.attributes.footprint
        case .identification(let content), .natOriginalAddress(let content): content.footprint
        case .notification(let content): content.spi.count
        case .certificate, .certificateRequest: 256
        case .ikev2(let content): content.footprint
        case .keyExchange, .hash, .signature, .nonce, .vendorID, .natDiscovery, .fragment, .sequenceNumber,
            .keyDownload, .sealed, .opaque, .malformed:
            0
        }
    }
}

extension ChildNegotiation {
    public var footprint: Int {
        var sum = 256 + (self.offer?.footprint ?? 0) + (self.answer?.footprint ?? 0)
        for part in [self.initiatorNonce, self.responderNonce, self.initiatorKE, self.responderKE] {
            sum += part?.count ?? 0
        }
        for step in self.additionalExchanges {
            sum += 64 + (step.initiatorValue?.count ?? 0) + (step.responderValue?.count ?? 0)
        }
        if let child = self.v2 { sum += child.footprint }
        for identities in [self.asked, self.granted] {
            sum += (identities?.initiator.footprint ?? 0) + (identities?.responder.footprint ?? 0)
        }
        return sum
    }
}

extension SAPayload {
    public var footprint: Int {
        var sum = 64
        for proposal in proposals {
            sum += 64 + proposal.spi.count
            for transform in proposal.transforms { sum += transform.footprint }
        }
        for payload in groupPolicy { sum += 128 + payload.range.count * 8 }
        if let labels {
            sum += 128 + labels.secrecyLevel.count + labels.secrecyCategories.count
            sum += labels.integrityLevel.count + labels.integrityCategories.count
        }
        return sum
    }
}

extension Transform {
    public var footprint: Int {
        var sum = 64
        for attribute in attributes { sum += MemoryLayout<Attribute>.stride + attribute.largeByteCount }
        return sum
    }
}

extension [Attribute] {
    var footprint: Int {
        reduce(0) { $0 + MemoryLayout<Attribute>.stride + $1.largeByteCount }
    }
}

extension Identity {
    public var footprint: Int {
        switch self {
        case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text): 64 + text.utf8.count
        case .keyID(let bytes), .other(let bytes): 64 + bytes.count
        case .address, .subnet, .range: 64
        }
    }
}

extension IdentificationPayload {
    public var footprint: Int { identity.footprint }
}

extension PeerIdentity {
    public var footprint: Int { identity.footprint }
}
