import ScopeModel

/// How an IKE SA stands with its keys, in words.
extension KeySearch {
    /// Which keys open the SA, or what is missing; final only after the first encrypted message was tried.
    var status: KeyStatus {
        if ring.isEmpty { return .none }
        if let names = confirmedNames { return .opened(by: names) }
        if let failure { return .wrong(failure + hint) }
        readRows()
        if let problem = rowProblems.first { return .wrong(problem) }
        return .missing(missing, proved: lacksSharedAlone ? provenNames : nil)
    }

    private var confirmedNames: KeyNames? {
        guard let initiator = confirmed[.initiator] ?? confirmed[.responder] else { return nil }
        let responder = confirmed[.responder].map(\.name) ?? otherPSK(than: initiator)
        guard let responder, responder != initiator.name else { return .one(initiator.name) }
        return .each(initiator: initiator.name, responder: responder)
    }

    /// The PSK by which the responder's HASH_R is right, where what the initiator wrote opens with another one.
    private func otherPSK(than keys: IKEKeys) -> KeyName? {
        guard let index = provenPSK[.responder] else { return nil }
        guard ring.psk.contains(anyOf: keys.uses), !keys.uses.contains(where: { $0 === ring.psk[index].use }) else {
            return nil
        }
        return ring.psk[index].use.name
    }

    /// The PSKs that a HASH in the clear proved; nil when there are none.
    private var provenNames: KeyNames? {
        func name(_ index: Int) -> KeyName { ring.psk[index].use.name }
        switch (provenPSK[.initiator], provenPSK[.responder]) {
        case (nil, nil): return nil
        case (let initiator?, let responder?) where initiator != responder:
            return .each(initiator: name(initiator), responder: name(responder))
        case (let index?, _), (_, let index?): return .one(name(index))
        }
    }

    private var hint: String {
        guard case .success(let suite) = suite, suite.authentication == .preSharedKey, !findShared().isEmpty else {
            return ""
        }
        return ring.psk.count == 1 ? ": the PSK is wrong" : ": each given PSK is wrong"
    }

    /// Whether there is anything to try on an encrypted message.
    var hasCandidates: Bool {
        guard case .success(let suite) = suite else { return false }
        if !confirmed.isEmpty || !readRows().isEmpty { return true }
        guard facts.initiatorNonce != nil, facts.responderNonce != nil, !findShared().isEmpty else { return false }
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
        if !readRows().isEmpty { return "its keys are known, but no encrypted message was seen yet" }
        if let problem = rowProblems.first { return problem }
        if suite.authentication == .publicKey {
            return "it authenticates by public-key encryption, whose keys follow from no PSK and no DH secret: "
                + "give SKEYID* or the IKE key"
        }
        let hasDH = !findShared().isEmpty
        let usesPSK = suite.authentication == .preSharedKey
        let hasPSK = !ring.psk.isEmpty
        let dh = hasDH ? "" : missingDH(suite)
        switch (usesPSK, hasPSK, hasDH) {
        case (true, true, false):
            return "\(provenWords), but the DH secret is missing\(dh)"
        case (true, false, true):
            return "the DH secret is known, but the PSK is missing: give the PSK, SKEYID* or the IKE key"
        case (true, false, false):
            return "the PSK and the DH secret are missing: give the PSK with a DH private exponent of either side "
                + "or g^xy, or SKEYID*, or the IKE key\(unmatched)"
        case (false, _, false): return "the DH secret is missing\(dh)"
        case (_, _, true):
            guard facts.initiatorNonce != nil, facts.responderNonce != nil else {
                return
                    "a nonce of phase 1 is not in the capture, and the keys depend on it: give SKEYID* or the IKE key"
            }
            return "its keys are known, but no encrypted message was seen yet"
        }
    }

    /// The PSK is at hand, and only the DH secret is missing.
    private var lacksSharedAlone: Bool {
        guard case .success(let suite) = suite, suite.authentication == .preSharedKey else { return false }
        return readRows().isEmpty && !ring.psk.isEmpty && findShared().isEmpty
    }

    private var provenWords: String {
        switch provenNames {
        case nil: "the PSK is known"
        case .one(let name): "\(name) fits"
        case .each(let initiator, let responder):
            "the two sides have different pre-shared keys: \(initiator) is the initiator's, "
                + "\(responder) the responder's"
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
            ? " (the given exponent fits neither KE payload)"
            : " (none of the \(ring.exponents.count) given exponents fits a KE payload of it)"
    }
}
