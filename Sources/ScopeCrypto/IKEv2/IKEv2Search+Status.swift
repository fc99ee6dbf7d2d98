import ScopeDissect
import ScopeModel
import ScopeWire

/// How an IKEv2 SA stands with its keys, in words.
extension IKEv2Search {
    /// Which keys open the SA, or what is missing; final only after the first encrypted message was tried.
    var status: KeyStatus {
        if ring.isEmpty { return .none }
        if let newest = confirmed.last { return lacksLater.map { .missing($0) } ?? .opened(by: .one(newest.name)) }
        if let failure { return .wrong(failure) }
        if sets().isEmpty, let problem = rowProblems.first { return .wrong(problem) }
        return .missing(missing)
    }

    /// What is missing to open this SA, in one plain line.
    var missing: String {
        let known = sets()
        if known.contains(where: \.isGiven) { return "its keys are known, but no message that they open was seen yet" }
        if !known.isEmpty {
            return lacksStep.map(missingStep) ?? "its keys are known, but no encrypted message was seen yet"
        }
        switch facts.origin {
        case .initial, .rekeying: break
        case .resumption:
            return "it resumes a session whose SK_d is not known: give SK_d of the SA before it, or SK_*"
        }
        if facts.mixesPPK {
            return "CREATE_CHILD_SA put a PPK into its keys (RFC 9867 section 3.2), which is not supported: give SK_*"
        }
        switch suite {
        case nil: return "the algorithms that the peers agreed on are not in the capture: give SK_*"
        case .failure(let error): return error.problem
        case .success: break
        }
        if parent?.lacksPPK ?? false {
            return "a PPK is part of the keys of the IKE SA before it, and it is missing: give it, or SK_*"
        }
        if facts.origin == .rekeying, hasNoParent {
            return "it was made by an IKE SA that is not opened, and its keys follow from SK_d of that: give SK_*"
        }
        guard facts.initiatorNonce != nil, facts.responderNonce != nil else {
            return "a nonce is not in the capture, and the keys depend on it: give SK_*"
        }
        return missingStep(lacksStep ?? 0)
    }

    /// What the messages behind those that open need, and is not at hand; nil where it is not known to be missing.
    var lacksLater: String? {
        guard facts.origin == .initial, let newest = confirmed.last, !newest.isGiven else { return nil }
        let next = facts.keyExchanges.indices.first { $0 > newest.step && secrets($0).isEmpty }
        if let next, facts.keyExchanges[next].responderValue != nil { return missingStep(next) }
        guard let taken = intermediatePPK, newest.step < taken.step, ring.ppk.entries.isEmpty else { return nil }
        let name = taken.id.map { " \"\(String(plain: $0, substitute: "?"))\"" } ?? ""
        return "the PPK\(name), which IKE_INTERMEDIATE put into its keys, is missing: give it, or SK_*"
    }

    /// Why no set opens a message, where that says more than which ones were tried on it.
    func reason(_ header: ISAKMPHeader) -> String? {
        if let lacksLater { return lacksLater }
        guard header.exchange == .ikeIntermediate, confirmed.allSatisfy(\.isGiven) else { return nil }
        let given = sets()
        guard let first = given.first, given.allSatisfy(\.isGiven) else { return nil }
        // The keys of an SA change with each exchange of it (RFC 9370 section 2.2.2).
        return "it is protected with keys that a later key exchange replaced, and \(first.name) has others: "
            + "give SK_* of that step too, or the DH secret"
    }

    /// The first key exchange whose secret is not at hand.
    private var lacksStep: Int? { facts.keyExchanges.indices.first { secrets($0).isEmpty } }

    private func missingStep(_ step: Int) -> String {
        guard facts.keyExchanges.indices.contains(step) else {
            return "the KE payloads are not in the capture: give g^xy or SK_*"
        }
        let exchange = facts.keyExchanges[step]
        let group = exchange.group
        let name = group.name ?? "\(group)"
        let which =
            switch (step, facts.origin) {
            case (0, .rekeying): "the DH secret of the CREATE_CHILD_SA exchange that made it"
            case (0, _): "the DH secret"
            default: "the secret of additional key exchange \(step)"
            }
        guard KeyExchangeGroups.publicLength(group.rawValue) != nil else {
            return "\(which) (\(name)) is missing: give its shared secret, or SK_*"
        }
        guard exchange.initiatorValue != nil, exchange.responderValue != nil else {
            return "\(which) is missing: a KE payload is not in the capture; give g^xy or SK_*"
        }
        let count = ring.exponents.count
        let unmatched =
            switch count {
            case 0: ""
            case 1: " (the given exponent fits neither KE payload)"
            default: " (none of the \(count) given exponents fits a KE payload of it)"
            }
        return "\(which) is missing: give a DH private exponent of either side, g^xy or SK_*\(unmatched)"
    }

    /// `an IKE_AUTH request of 10.0.0.1 - 10.0.0.2`.
    func place(of header: ISAKMPHeader) -> String {
        let name = ExchangeType.names[header.exchange] ?? "\(header.exchange)"
        let article = name.first.map { "AEIO".contains($0) } ?? false ? "an" : "a"
        let kind = header.flags.contains(.response) ? "response" : "request"
        return "\(article) \(name) \(kind) of \(facts.initiatorAddress) - \(facts.responderAddress)"
    }
}
