import ScopeDissect
import ScopeModel
import ScopeWire

/// Quick Mode (RFC 2409 section 5.5), which either side may begin.
extension IKEv1Follower {
    func quickModeNumber(_ id: UInt32, _ sender: Role) -> Int {
        if let initiator = settledModes[id] { return sender == initiator ? 3 : 4 }
        guard let mode = quickModes[id] else { return 1 }
        if sender != mode.initiatedBy { return mode.position < 3 ? 2 : 4 }
        // The one that begins sends 1 and 3; a 1 with other bytes is a new try under the same id.
        return mode.position >= 2 ? 3 : 1
    }

    /// Takes in a Quick Mode message; gives the mode when this is the one that settles its SAs.
    func quickMode(
        _ number: Int, _ header: ISAKMPHeader, _ chain: PayloadChain?, from sender: Role
    ) -> ChildNegotiation? {
        let id = header.messageID
        var mode =
            quickModes[id] ?? ChildNegotiation(messageID: id, initiatedBy: settledModes[id] ?? sender)
        mode.position = max(mode.position, number)
        if header.flags.contains(.commit) { mode.awaitsConnected = true }
        var settles = false
        if let chain {
            var association: SAPayload?
            if case .sa(let payload) = chain.first(.sa)?.content { association = payload }
            if number == 1 {
                mode.offer = association
                mode.initiatorNonce = chain.body(of: .nonce)
                mode.initiatorKE = chain.body(of: .keyExchange)
                mode.asked = ProxyIdentities(chain)
            } else if number == 2, mode.answer == nil {
                mode.take(answer: association)
                mode.responderNonce = chain.body(of: .nonce)
                mode.responderKE = chain.body(of: .keyExchange)
                mode.granted = ProxyIdentities(chain)
                settles = association != nil
            }
        }
        keep(mode)
        return settles ? mode : nil
    }

    /// Keeps a Quick Mode as it stands now.
    private func keep(_ mode: ChildNegotiation) {
        quickModes.set(
            mode, for: mode.messageID, limit: tools.limits.exchangesPerSA, cost: mode.footprint,
            bytes: tools.limits.exchangeBytesPerSA)
    }

    /// A Quick Mode is through: lets go of what only the negotiation needed, of which there may be many SAs.
    func settle(after reading: Reading, _ message: ISAKMPMessage, in state: IKESAState) {
        guard case .v1(.quickMode(3...)) = reading.step else { return }
        let messageID = message.header.messageID
        if var mode = quickModes[messageID] {
            mode.settle()
            if mode.isThrough {
                quickModes.remove(messageID)
                settledModes.set(mode.initiatedBy, for: messageID, limit: tools.limits.exchangesPerSA)
            } else {
                keep(mode)
            }
        }
        guard state.sa.isUp, opener?.isSettled ?? true, facts.initiatorSABody != nil || state.sa.offer != nil
        else {
            return
        }
        facts.settle()
        state.sa.offer = nil
        opener?.learn(facts)
    }
}

extension ProxyIdentities {
    /// IDci and IDcr, in this order; nil where the message has not both.
    fileprivate convenience init?(_ chain: PayloadChain) {
        let identities: [IdentificationPayload] = chain.all(.identification).compactMap {
            if case .identification(let content) = $0.content { content } else { nil }
        }
        guard identities.count >= 2 else { return nil }
        self.init(initiator: identities[0], responder: identities[1])
    }
}
