import ScopeDissect
import ScopeModel
import ScopeWire

/// Phase 1 from the outside (RFC 2409 sections 5 and 5.1 to 5.4): where a message stands, and what it tells.
///
///     start ─SA▶ 1 ◀SA─ 2 ─KE▶ 3 ◀KE─ 4 ─ID*▶ 5 ◀ID*─ 6          Main Mode
///     start ─SA,KE,ID▶ 1 ◀SA,KE,ID,HASH─ 2 ─HASH▶ 3              Aggressive Mode
///
/// An endpoint may refuse a message; an observer may not. One that belongs further on moves the position there, and
/// what was missed is noted; one that belongs behind moves nothing.
extension IKEv1Follower {
    func step(of message: ISAKMPMessage, _ sender: Role, _ state: IKESAState) -> IKEv1Step {
        let id = message.header.messageID
        if state.sa.isGDOI {
            switch message.header.exchange {
            case .quickMode: return .groupKeyPull(counted(id))
            case .newGroupMode: return .groupKeyPush
            default: break
            }
        }
        switch message.header.exchange {
        case .identityProtection: return .mainMode(mainModeNumber(message, sender, state))
        case .aggressive: return .aggressive(aggressiveNumber(message, sender))
        case .quickMode: return .quickMode(quickModeNumber(id, sender))
        case .informational: return .informational
        case .transaction: return .transaction(counted(id))
        case .newGroupMode: return .newGroup(counted(id))
        default: return .other(message.header.exchange)
        }
    }

    private func mainModeNumber(_ message: ISAKMPMessage, _ sender: Role, _ state: IKESAState) -> Int {
        let odd =
            if message.isEncrypted {
                5
            } else if message.mayHold(.sa) {
                1
            } else if message.mayHold(.keyExchange) || message.mayHold(.nonce) {
                3
            } else {
                // Nothing in it tells: it takes the next place of its sender.
                min(state.sa.phase1.position | 1, 5)
            }
        return sender == .initiator ? odd : odd + 1
    }

    private func aggressiveNumber(_ message: ISAKMPMessage, _ sender: Role) -> Int {
        guard sender == .initiator else { return 2 }
        return !message.isEncrypted && message.mayHold(.sa) ? 1 : 3
    }

    private func counted(_ id: UInt32) -> Int {
        let count = (counts[id] ?? 0) + 1
        counts.set(count, for: id, limit: tools.limits.exchangesPerSA)
        return count
    }
}

extension IKEv1Follower {
    /// Takes in what phase 1 tells in the clear.
    func learn(_ chain: PayloadChain, _ step: IKEv1Step, from sender: Role, in state: IKESAState) {
        switch step {
        case .mainMode: state.sa.progress.phase1.mode = .main
        case .aggressive: state.sa.progress.phase1.mode = .aggressive
        case .other(.base): state.sa.progress.phase1.mode = .base
        default: return
        }
        let nonce = chain.body(of: .nonce)
        let ke = chain.body(of: .keyExchange)
        let identity = chain.body(of: .identification)
        var association: SAPayload?
        if case .sa(let payload) = chain.first(.sa)?.content { association = payload }
        if sender == .initiator {
            if let association, state.sa.offer == nil {
                state.sa.offer = association
                facts.initiatorSABody = chain.body(of: .sa)
                if association.doi == DomainOfInterpretation.gdoi.rawValue { state.sa.isGDOI = true }
            }
            if let ke, facts.initiatorKE == nil { facts.initiatorKE = ke }
            if let nonce, facts.initiatorNonce == nil { facts.initiatorNonce = nonce }
            if let identity, facts.initiatorIDBody == nil { facts.initiatorIDBody = identity }
        } else {
            if let chosen = association?.proposals.first?.transforms.first, state.sa.chosen == nil {
                state.sa.chosen = chosen
                state.sa.suite = IKESuite(chosen)
                facts.suite = state.sa.suite
            }
            if let ke, facts.responderKE == nil { facts.responderKE = ke }
            if let nonce, facts.responderNonce == nil { facts.responderNonce = nonce }
            if let identity, facts.responderIDBody == nil { facts.responderIDBody = identity }
        }
    }

    /// Keeps the certificates of phase 1, for a signature that comes later.
    func show(_ chain: PayloadChain, _ step: IKEv1Step, from sender: Role, in state: IKESAState) {
        guard step.isPhase1 else { return }
        if state.sa.isUp {
            if !facts.initiatorCertificates.isEmpty { facts.initiatorCertificates = [] }
            if !facts.responderCertificates.isEmpty { facts.responderCertificates = [] }
            return
        }
        let before = facts.certificates(of: sender).count
        var kept = facts.certificates(of: sender)
        for carried in chain.carriedCertificates where !kept.contains(carried) {
            guard kept.count < tools.limits.certificatesPerSide,
                kept.reduce(carried.data.count, { $0 + $1.data.count }) <= tools.limits.certificateBytesPerSide
            else { break }
            kept.append(carried)
        }
        guard kept.count > before else { return }
        if sender == .initiator { facts.initiatorCertificates = kept } else { facts.responderCertificates = kept }
    }
}

extension IKESAState {
    /// Which bodies of phase 1 are encrypted one by one: by the transform that was chosen, else by the offer.
    var sealing: BodySealing {
        if let suite = sa.suite { return BodySealing(authenticationMethod: UInt64(suite.authentication?.ikev1 ?? 0)) }
        return sa.offer.map { BodySealing($0) } ?? .none
    }

    /// The identities of phase 1, from a message that can be read.
    func identities(_ chain: PayloadChain, _ step: IKEv1Step, from sender: Role) {
        guard step.isPhase1 else { return }
        guard case .identification(let payload) = chain.first(.identification)?.content else { return }
        let identity = PeerIdentity(payload)
        if sender == .initiator { sa.initiatorIdentity = identity } else { sa.responderIdentity = identity }
    }

    /// Moves the position.
    func advance(to step: IKEv1Step, _ opening: Opening, _ clearProof: Proof) {
        switch step {
        case .mainMode(let number): advance(to: number, last: 6, opening, clearProof)
        case .aggressive(let number): advance(to: number, last: 3, opening, clearProof)
        // Nobody begins one of these before phase 1 is through.
        case .quickMode, .transaction, .newGroup, .groupKeyPull:
            sa.progress.bringUp(on: Self.isVerified(opening.proof(clear: clearProof)) ? .proved : .inferred)
        case .informational, .groupKeyPush, .other: break
        }
    }

    private func advance(to number: Int, last: Int, _ opening: Opening, _ clearProof: Proof) {
        var phase1 = sa.phase1
        phase1.missed.removeAll { $0 == number }
        defer { sa.progress.phase1 = phase1 }
        guard number > phase1.position else { return }
        if number > phase1.position + 1 { phase1.missed += Array((phase1.position + 1)..<number) }
        phase1.position = number
        sa.progress.reach(phase1.stage)
        guard number == last else { return }
        if case .opened(_, _, .failed) = opening { return }
        sa.progress.bringUp(on: Self.isVerified(opening.proof(clear: clearProof)) ? .proved : .seen)
    }

    private static func isVerified(_ proof: Proof) -> Bool { if case .verified = proof { true } else { false } }
}

extension IKESA {
    /// True from the message on with which the sides can make their keys.
    func hasKeys(_ message: ISAKMPMessage) -> Bool {
        if message.isEncrypted { return true }
        switch phase1.mode {
        // The initiator's KE is in message 3, or in message 1 of Aggressive Mode, whose answer has the other.
        case .main: return message.chain.contains(.keyExchange)
        case .aggressive: return self.responderSPI != 0 && message.chain.contains(.keyExchange)
        case .base, nil: return false
        }
    }
}
