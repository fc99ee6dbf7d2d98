import ScopeDissect
import ScopeModel

/// IKE_INTERMEDIATE and IKE_AUTH from the outside (RFC 7296 sections 1.2 and 2.16, RFC 9242, RFC 9370).
///
///     { KE } ▶                               ◀ { KE }                     IKE_INTERMEDIATE, once for each more exchange
///     { IDi, AUTH, SA, TSi, TSr } ▶          ◀ { IDr, AUTH, SA, TSi, TSr }
///     { IDi, SA, TSi, TSr } ▶                ◀ { IDr, AUTH, EAP }         with EAP, whose rounds follow
///     { EAP } ▶                              ◀ { EAP }
///     { AUTH } ▶                             ◀ { AUTH, SA, TSi, TSr }
extension IKEv2Follower {
    /// Takes in the next key exchange of an SA that is not up yet.
    func intermediate(_ chain: PayloadChain, from sender: Role) {
        guard let exchange = chain.keyExchangeV2 else { return }
        let value = chain.publicValue(exchange)
        known.facts.keyExchanges.take(value, of: exchange.group, from: sender == .initiator)
        known.opener?.learn(known.facts)
    }

    /// Takes in a message of IKE_AUTH; gives the negotiation of the first child when this answer settles it.
    func authenticate(_ opened: inout OpenedMessage, _ state: IKESAState) -> Made {
        let chain = opened.chain
        state.sa.progress.reach(.proving)
        if !opened.isResponse {
            if chain.has(.mobikeSupported) { known.offersMOBIKE = true }
            opened.exchange.moreAuthentication = chain.has(.anotherAuthFollows)
            if chain.contains(.securityAssociationV2) { known.first = child(asked: opened) }
            opened.exchange.child = known.first
            return .nothing
        }
        if chain.has(.mobikeSupported) { known.hasMOBIKE = known.offersMOBIKE }
        // EAP goes on after the responder's first AUTH; RFC 4739 may ask for another one.
        if chain.contains(.authentication), !chain.contains(.eap), !opened.exchange.moreAuthentication {
            state.sa.progress.bringUp(on: .proved)
        }
        guard let first = known.first, chain.contains(.securityAssociationV2) else { return .nothing }
        known.first = nil
        let settled = settle(first, opened)
        opened.exchange.child = settled
        return .child(settled)
    }
}

extension [KeyExchangeStep] {
    /// Takes in the value of one side of the key exchange under way, or of a new one.
    ///
    /// - Parameter first: how many exchanges stand before those that this one may be; one of them is that of the message
    ///   that began it all.
    mutating func take(_ value: [UInt8], of group: DHGroup, from isInitiator: Bool, behind first: Int = 1) {
        let open = indices.dropFirst(first).first {
            self[$0].group == group && (isInitiator ? self[$0].initiatorValue == nil : self[$0].responderValue == nil)
        }
        if let open {
            self[open].set(value, from: isInitiator)
        } else if count < Self.most {
            var step = KeyExchangeStep(group: group)
            step.set(value, from: isInitiator)
            append(step)
        }
    }

    /// Takes in the responder's value of the first exchange.
    mutating func answer(_ value: [UInt8], of group: DHGroup) {
        if let first, first.group == group {
            self[0].responderValue = value
        } else {
            self = [KeyExchangeStep(group: group, responderValue: value)]
        }
    }

    /// One, and seven more (RFC 9370 section 2.2.2), and room for a peer that asks for each twice.
    private static var most: Int { 16 }
}

extension KeyExchangeStep {
    fileprivate mutating func set(_ value: [UInt8], from isInitiator: Bool) {
        if isInitiator { initiatorValue = value } else { responderValue = value }
    }
}
