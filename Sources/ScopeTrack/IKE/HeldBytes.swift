import ScopeDissect
import ScopeModel
import ScopeWire

/// What the state of an IKE SA holds of what peers sent: estimates, in bytes, which the bound of `SATable` counts.
///
/// The state itself and its places in the tables, about 2 KB, are not counted: the number of SAs bounds them. None of these
/// walks over more than one message can hold.
extension SAState {
    var heldBytes: Int {
        var sum = facts.heldBytes + quickModes.cost + fragments.heldBytes
        if let offer = sa.offer { sum += offer.heldBytes }
        if let chosen = sa.chosen { sum += chosen.heldBytes }
        sum += (sa.initiatorIdentity?.heldBytes ?? 0) + (sa.responderIdentity?.heldBytes ?? 0)
        return sum
    }

    /// The addresses of its ends that the table has not noted yet.
    func unindexed() -> [IPAddress] {
        guard indexed.count < Self.mostIndexed else { return [] }
        let (initiator, responder) = (sa.initiator.address, sa.responder.address)
        var new: [IPAddress] = []
        if !indexed.contains(initiator) { new.append(initiator) }
        if responder != initiator, !indexed.contains(responder) { new.append(responder) }
        for (_, endpoint) in aliases where !indexed.contains(endpoint.address) && !new.contains(endpoint.address) {
            new.append(endpoint.address)
        }
        return new
    }

    /// An SA that moves on and on is found under its SPIs.
    private static let mostIndexed = 16
}

extension Phase1Facts {
    fileprivate var heldBytes: Int {
        var sum = 0
        for part in [
            self.initiatorSABody, self.initiatorKE, self.responderKE, self.initiatorNonce, self.responderNonce,
            self.initiatorIDBody, self.responderIDBody,
        ] { sum += part?.count ?? 0 }
        for certificate in self.initiatorCertificates { sum += certificate.data.count }
        for certificate in self.responderCertificates { sum += certificate.data.count }
        return sum
    }
}

extension ChildNegotiation {
    var heldBytes: Int {
        var sum = 256 + (offer?.heldBytes ?? 0) + (answer?.heldBytes ?? 0)
        for part in [initiatorNonce, responderNonce, initiatorKE, responderKE] { sum += part?.count ?? 0 }
        for identities in [asked, granted] {
            sum += (identities?.initiator.heldBytes ?? 0) + (identities?.responder.heldBytes ?? 0)
        }
        return sum
    }
}

extension SAPayload {
    var heldBytes: Int {
        var sum = 64
        for proposal in proposals {
            sum += 64 + proposal.spi.count
            for transform in proposal.transforms { sum += transform.heldBytes }
        }
        for payload in groupPolicy { sum += 128 + payload.range.count * 8 }
        if let labels { sum += 128 + labels.secrecyLevel.count + labels.secrecyCategories.count }
        if let labels { sum += labels.integrityLevel.count + labels.integrityCategories.count }
        return sum
    }
}

extension Transform {
    var heldBytes: Int {
        var sum = 48
        for attribute in attributes { sum += MemoryLayout<Attribute>.stride + attribute.largeByteCount }
        return sum
    }
}

extension IdentificationPayload {
    fileprivate var heldBytes: Int {
        switch identity {
        case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text): 64 + text.utf8.count
        case .keyID(let bytes), .other(let bytes): 64 + bytes.count
        case .address, .subnet, .range: 64
        }
    }
}
