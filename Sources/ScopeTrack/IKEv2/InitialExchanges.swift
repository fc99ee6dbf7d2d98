import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_SA_INIT and IKE_SESSION_RESUME from the outside (RFC 7296 sections 1.2, 2.6 and 2.7, RFC 5723).
///
///     SA, KE, Ni ▶                ◀ SA, KE, Nr
///     SA, KE, Ni ▶                ◀ N(COOKIE), N(INVALID_KE_PAYLOAD) or N(REDIRECT): the same SPI asks once more
///
/// Nothing of this is encrypted, so anybody may answer. What is answered with a choice counts; a refusal may be followed by
/// the answer of the real peer.
extension IKEv2Follower {
    /// Takes in a message of the exchange that makes an SA.
    func initial(_ message: ISAKMPMessage, from sender: Role, _ state: IKESAState) -> IKEv2Purpose {
        let isResumption = message.header.exchange == .ikeSessionResume
        if isResumption { known.facts.origin = .resumption }
        // The keys are agreed on: what comes late changes nothing.
        let isAgreed = known.facts.responderFirst != nil || known.isProved
        if !isAgreed {
            if sender == .initiator {
                ask(message, state)
            } else {
                answer(message, isResumption: isResumption, state)
            }
            known.opener?.learn(known.facts)
        }
        return isResumption ? .resumption : .initial(attempt: max(known.attempts, 1))
    }

    private func ask(_ message: ISAKMPMessage, _ state: IKESAState) {
        let chain = message.chain
        known.attempts += 1
        known.offersPPK = chain.has(.usePPK)
        // The request that is answered is the one that counts: with the cookie, with the group that the peer wants.
        known.facts.initiatorFirst = message.bytes
        known.facts.initiatorNonce = chain.body(of: .nonceV2)
        if let exchange = chain.keyExchangeV2 {
            known.facts.keyExchanges = [
                KeyExchangeStep(group: exchange.group, initiatorValue: chain.publicValue(exchange))
            ]
        }
    }

    private func answer(_ message: ISAKMPMessage, isResumption: Bool, _ state: IKESAState) {
        let chain = message.chain
        let chosen = chain.associationV2?.proposals.first
        guard chosen != nil || isResumption && chain.contains(.nonceV2) else {
            if message.isCut, message.mayHold(.securityAssociationV2) {
                state.isResponderSPIProvisional = false
                state.sa.progress.reach(.keyed)
                return
            }
            // The next answer, from the same peer or from the real one, brings an SPI of its own.
            state.isResponderSPIProvisional = true
            return
        }
        state.isResponderSPIProvisional = false
        if let chosen {
            let suite = IKESuite(chosen)
            state.sa.suite = suite
            known.facts.suite = suite
        }
        known.facts.responderSPI = message.header.responderSPI
        known.facts.responderFirst = message.bytes
        known.facts.responderNonce = chain.body(of: .nonceV2)
        known.facts.usesPPK = known.offersPPK && chain.has(.usePPK)
        if let exchange = chain.keyExchangeV2 {
            known.facts.keyExchanges.answer(chain.publicValue(exchange), of: exchange.group)
        }
        state.sa.progress.reach(.keyed)
    }
}
