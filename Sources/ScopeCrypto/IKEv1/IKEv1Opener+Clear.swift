import ScopeDissect
import ScopeModel

/// Aggressive Mode proves its PSK in the clear (RFC 2409 section 5.4): no DH secret is in HASH_I and HASH_R.
extension IKEv1Opener {
    func passed(_ message: ISAKMPMessage, from sender: Role, step: ExchangeStep) -> HashProof {
        guard case .aggressive = step, message.chain.contains(.hash) || message.chain.contains(.signature),
            case .success(let suite) = suite, let ni = facts.initiatorNonce, let nr = facts.responderNonce
        else { return .notChecked }
        switch suite.authentication {
        case .preSharedKey: return provedPSK(message.chain, suite, ni + nr, from: sender, step: step)
        case .signature:
            var last = HashProof.notChecked
            for dh in secrets() {
                guard let skeyid = try? SKEYID.signature(suite.hash, ni: ni, nr: nr, shared: dh.secret) else {
                    continue
                }
                last = MessageProof(hash: suite.hash, skeyid: skeyid)
                    .phase1(message.chain, from: sender, facts: facts, signer: &signers[sender])
                if case .verified = last { return last }
            }
            return last
        case .publicKey, .unknown: return .notChecked
        }
    }

    /// Tries each PSK at hand, then the list of candidates.
    private func provedPSK(
        _ chain: PayloadChain, _ suite: Phase1Suite, _ nonces: [UInt8], from sender: Role, step: ExchangeStep
    ) -> HashProof {
        let name = sender == .initiator ? "HASH_I" : "HASH_R"
        guard let given = chain.body(of: .hash),
            let parts = MessageProof.phase1Message(chain, from: sender, facts: facts)
        else { return .notChecked }
        let message = HashInput.joined(parts)
        let makeTest = { HashTest(suite.hash, nonces: nonces, message: message, given: given) }
        guard let test = makeTest() else { return .notChecked }
        let place = place(of: step)
        for index in pskOrder(sender) {
            let psk = ring.psk[index]
            if psk.key.withBytes(test.fits) { return proved(index, name, by: sender) }
            guard !psk.use.fitted else { continue }
            psk.use.failures += 1
            psk.use.note(triedOn: place, of: facts.initiatorSPI)
        }
        if let index = ring.search(on: place, of: facts.initiatorSPI, makeTest) {
            return proved(index, name, by: sender)
        }
        guard !ring.psk.isEmpty || ring.candidates != nil else { return .notChecked }
        failure = "no PSK at hand gives the \(name) of \(place)"
        return .failed(name)
    }

    private func proved(_ index: Int, _ name: String, by sender: Role) -> HashProof {
        provenPSK[sender] = index
        ring.psk[index].use.fitted = true
        return .verified(name)
    }

    /// Which PSK fits, by its name: both when the two sides have different ones; nil when none was proved.
    var provedPSKs: String? {
        switch (provenPSK[.initiator], provenPSK[.responder]) {
        case (nil, nil): nil
        case (let initiator?, let responder?) where initiator != responder:
            "the two sides have different pre-shared keys: \(ring.psk[initiator].use.name) is the initiator's, "
                + "\(ring.psk[responder].use.name) the responder's"
        case (let index?, _), (_, let index?): "\(ring.psk[index].use.name) fits"
        }
    }
}
