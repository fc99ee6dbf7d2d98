import ScopeModel

extension IKEv1Opener {
    var status: KeyStatus {
        if ring.isEmpty { return .none }
        if let initiator = confirmed[.initiator] ?? confirmed[.responder] {
            if confirmed[.responder] == nil, let other = otherPSK(than: initiator) {
                return .opened(by: "\(initiator.name) (initiator), \(other) (responder)")
            }
            guard let responder = confirmed[.responder], responder !== initiator, responder.name != initiator.name
            else { return .opened(by: initiator.name) }
            return .opened(by: "\(initiator.name) (initiator), \(responder.name) (responder)")
        }
        if let failure { return .wrong(failure + hint) }
        if let problem = explicitProblem { return .wrong(problem) }
        return .missing(missing)
    }

    /// The PSK by which the responder's HASH_R is right, where what the initiator wrote opens with another one.
    private func otherPSK(than keys: IKEKeys) -> String? {
        guard let index = provenPSK[.responder] else { return nil }
        let own = ring.psk.contains { psk in keys.uses.contains { $0 === psk.use } }
        guard own, !keys.uses.contains(where: { $0 === ring.psk[index].use }) else { return nil }
        return ring.psk[index].use.name
    }

    private var explicitProblem: String? {
        _ = explicitKeys()
        return explicitProblems.first
    }

    private var hint: String {
        guard case .success(let suite) = suite, suite.authentication == .preSharedKey, !secrets().isEmpty else {
            return ""
        }
        return ring.psk.count == 1 ? ": the PSK is wrong" : ": each PSK at hand is wrong"
    }

    /// Whether there is anything to try on an encrypted message.
    var hasCandidates: Bool {
        guard case .success(let suite) = suite else { return false }
        if !confirmed.isEmpty || !explicitKeys().isEmpty { return true }
        guard facts.initiatorNonce != nil, facts.responderNonce != nil, !secrets().isEmpty else { return false }
        switch suite.authentication {
        case .preSharedKey: return !ring.psk.isEmpty
        case .signature, .unknown: return true
        case .publicKey: return false
        }
    }

    /// What is missing to open this SA, in one plain line.
    var missing: String {
        switch suite {
        case nil: return "the algorithms that the peers agreed on are not in the capture (phase 1, message 2)"
        case .failure(let error): return error.problem
        case .success(let suite): return missing(suite)
        }
    }

    private func missing(_ suite: Phase1Suite) -> String {
        if !explicitKeys().isEmpty { return "its keys are at hand, and no encrypted message was seen yet" }
        if let problem = explicitProblems.first { return problem }
        if suite.authentication == .publicKey {
            return "it authenticates by public-key encryption, whose keys follow from no PSK and no DH secret: "
                + "give SKEYID* or the IKE key"
        }
        let hasDH = !secrets().isEmpty
        let usesPSK = suite.authentication == .preSharedKey
        let hasPSK = !ring.psk.isEmpty
        let dh = hasDH ? "" : missingDH(suite)
        switch (usesPSK, hasPSK, hasDH) {
        case (true, true, false):
            return "\(provedPSKs ?? "the PSK is at hand"), the DH secret is missing\(dh)"
        case (true, false, true):
            return "the DH secret is at hand, the PSK is missing: give the PSK, SKEYID* or the IKE key"
        case (true, false, false):
            return "the PSK and the DH secret are missing: give the PSK with a DH private exponent of either side "
                + "or g^xy, or SKEYID*, or the IKE key\(unmatched)"
        case (false, _, false): return "the DH secret is missing\(dh)"
        case (_, _, true):
            guard facts.initiatorNonce != nil, facts.responderNonce != nil else {
                return
                    "a nonce of phase 1 is not in the capture, and the keys depend on it: give SKEYID* or the IKE key"
            }
            return "its keys are at hand, and no encrypted message was seen yet"
        }
    }

    private func missingDH(_ suite: Phase1Suite) -> String {
        guard facts.initiatorKE != nil, facts.responderKE != nil else {
            return ": a KE payload is not in the capture; give g^xy, SKEYID* or the IKE key"
        }
        if let group = suite.group, KeyExchangeGroups.publicLength(group) == nil {
            return ": group \(group) is not supported; give g^xy, SKEYID* or the IKE key"
        }
        return ": give a DH private exponent of either side, g^xy, SKEYID* or the IKE key\(unmatched)"
    }

    private var unmatched: String {
        guard !ring.exponents.isEmpty, facts.initiatorKE != nil else { return "" }
        return ring.exponents.count == 1
            ? " (the exponent at hand yields neither KE payload)"
            : " (none of the \(ring.exponents.count) exponents at hand yields a KE payload of it)"
    }
}
