import ScopeDissect
import ScopeModel

/// Aggressive Mode proves its PSK in the clear (RFC 2409 section 5.4): no DH secret is in HASH_I and HASH_R.
extension IKEv1Opener {
    func prove(_ message: ISAKMPMessage, from sender: Role, step: IKEv1Step) -> Proof {
        guard case .aggressive = step, message.chain.contains(.hash) || message.chain.contains(.signature),
            case .success(let suite) = search.suite, let ni = search.facts.initiatorNonce,
            let nr = search.facts.responderNonce
        else { return .notChecked }
        switch suite.authentication {
        case .preSharedKey: return provePSK(message.chain, suite, ni + nr, from: sender, step: step)
        case .signature:
            var last = Proof.notChecked
            for dh in search.findShared() {
                guard let skeyid = try? SKEYID.signature(suite.hash, ni: ni, nr: nr, shared: dh.secret) else {
                    continue
                }
                last = MessageProof(hash: suite.hash, skeyid: skeyid)
                    .phase1(message.chain, from: sender, facts: search.facts, signer: &signers[sender])
                if case .verified = last { return last }
            }
            return last
        case .publicKey, .unknown: return .notChecked
        }
    }

    /// Tries each PSK at hand, then the list of candidates.
    private func provePSK(
        _ chain: PayloadChain, _ suite: Phase1Suite, _ nonces: [UInt8], from sender: Role, step: IKEv1Step
    ) -> Proof {
        let kind = ProofKind.hash(of: sender)
        let ring = search.ring
        guard let given = chain.body(of: .hash),
            let parts = MessageProof.phase1Message(chain, from: sender, facts: search.facts)
        else { return .notChecked }
        let message = HashInput.joined(parts)
        let makeTest = { HashTest(suite.hash, nonces: nonces, message: message, given: given) }
        guard let test = makeTest() else { return .notChecked }
        let place = search.place(of: step)
        for index in search.pskOrder(sender) {
            let psk = ring.psk[index]
            if psk.key.withBytes(test.fits) { return confirm(index, kind, by: sender) }
            guard !psk.use.fitted else { continue }
            psk.use.failures += 1
            psk.use.note(triedOn: place, of: search.facts.initiatorSPI)
        }
        if let index = ring.searchCandidates(on: place, of: search.facts.initiatorSPI, makeTest) {
            return confirm(index, kind, by: sender)
        }
        guard !ring.psk.isEmpty || ring.candidates != nil else { return .notChecked }
        search.note(noPSKGives: kind, of: step)
        return .failed(kind)
    }

    private func confirm(_ index: Int, _ kind: ProofKind, by sender: Role) -> Proof {
        search.confirm(psk: index, of: sender)
        return .verified(kind)
    }
}
