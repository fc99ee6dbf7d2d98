import ScopeDissect
import ScopeModel
import ScopeWire

/// What the state of an IKE SA holds of what peers sent: estimates, in bytes, which the bound of `SATable` counts.
///
/// The state itself and its places in the tables, about 2 KB, are not counted: the number of SAs bounds them. None of these
/// walks over more than one message can hold.
extension IKESAState {
    var heldBytes: Int {
        var sum = follower.heldBytes
        if let offer = sa.offer { sum += offer.footprint }
        if let chosen = sa.chosen { sum += chosen.footprint }
        sum += (sa.initiatorIdentity?.footprint ?? 0) + (sa.responderIdentity?.footprint ?? 0)
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

extension IKEv1Facts {
    /// The bytes of its payloads.
    var heldBytes: Int {
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
