import ScopeDissect
import ScopeModel
import ScopeWire

/// CREATE_CHILD_SA and IKE_FOLLOWUP_KE from the outside (RFC 7296 section 1.3, RFC 9370 section 2.2.4).
///
///     { SA, Ni, [KEi], TSi, TSr } ▶             ◀ { SA, Nr, [KEr], TSi, TSr }       one more child SA
///     { N(REKEY_SA), SA, Ni, [KEi], TSi, TSr }  ▶                                   in place of another one
///     { SA, Ni, KEi } ▶                         ◀ { SA, Nr, KEr }                   another IKE SA
///     { KEi, N(ADDITIONAL_KEY_EXCHANGE) } ▶     ◀ { KEr, N(ADDITIONAL_KEY_EXCHANGE) }
///
/// Where both sides replace an SA at once, both exchanges go through; which of the two SAs goes again is said by a Delete
/// (RFC 7296 section 2.8), so each is followed as it comes.
extension IKEv2Follower {
    // MARK: The request

    func request(_ opened: OpenedMessage, _ state: IKESAState) -> MessageWindow.Exchange {
        var exchange = opened.exchange
        guard let offer = opened.chain.associationV2 else { return exchange }
        if offer.proposals.contains(where: { $0.protocolID == .ike }) {
            exchange.purpose = .rekeyedIKE
            exchange.successor = successor(asked: opened, offer, state)
        } else {
            let made = child(asked: opened)
            exchange.purpose = made.v2?.rekeys.map { IKEv2Purpose.rekeyedChild($0) } ?? .child
            exchange.child = made
        }
        return exchange
    }

    /// The negotiation of a child SA as its request tells it.
    func child(asked opened: OpenedMessage) -> ChildNegotiation {
        let chain = opened.chain
        var made = ChildNegotiation(messageID: opened.header.messageID, initiatedBy: opened.sender)
        let rekeyed = chain.notify(.rekeySA).flatMap { notify in
            notify.spiNumber.map {
                RekeyedSA(protocolID: SecurityProtocol(rawValue: notify.protocolID.rawValue), spi: $0)
            }
        }
        made.v2 = IKEv2Child(
            offer: chain.associationV2, asked: chain.traffic, isTransport: chain.has(.useTransportMode),
            rekeys: rekeyed)
        made.initiatorNonce = chain.body(of: .nonceV2)
        if let exchange = chain.keyExchangeV2 { made.initiatorKE = chain.publicValue(exchange) }
        made.position = 1
        return made
    }

    private func successor(
        asked opened: OpenedMessage, _ offer: IKEv2.SAPayload, _ state: IKESAState
    ) -> MessageWindow.Successor? {
        guard let spi = offer.proposals.lazy.compactMap(\.ikeSPI).first, spi != 0 else { return nil }
        let chain = opened.chain
        var facts = IKEv2Facts(
            .rekeying, initiatorSPI: spi, responderSPI: 0,
            initiatorAddress: state.sa.endpoint(of: opened.sender).address,
            responderAddress: state.sa.endpoint(of: opened.sender.other).address)
        facts.initiatorNonce = chain.body(of: .nonceV2)
        if let exchange = chain.keyExchangeV2 {
            facts.keyExchanges = [
                KeyExchangeStep(group: exchange.group, initiatorValue: chain.publicValue(exchange))
            ]
        }
        return MessageWindow.Successor(facts: facts, opener: known.opener?.successor(facts))
    }

    // MARK: The answer

    /// What an answer made.
    enum Made {
        case nothing
        case child(ChildNegotiation)
        case successor(MessageWindow.Successor)
    }

    func answer(_ opened: inout OpenedMessage) -> Made {
        let chain = opened.chain
        guard let chosen = chain.associationV2 else { return .nothing }
        let link = opened.link
        if var successor = opened.exchange.successor {
            successor.facts.suite = chosen.proposals.first.map { IKESuite($0) }
            successor.facts.responderSPI = chosen.proposals.first?.ikeSPI ?? 0
            successor.facts.responderNonce = chain.body(of: .nonceV2)
            successor.facts.mixesPPK = chain.has(.ppkIdentity)
            if let exchange = chain.keyExchangeV2 {
                successor.facts.keyExchanges.answer(chain.publicValue(exchange), of: exchange.group)
            }
            successor.opener?.learn(successor.facts)
            opened.exchange.successor = successor
            if let link { return wait(link, opened) }
            return successor.facts.responderSPI == 0 ? .nothing : .successor(successor)
        }
        guard var child = opened.exchange.child else { return .nothing }
        child = settle(child, opened)
        opened.exchange.child = child
        if let link { return wait(link, opened) }
        return .child(child)
    }

    /// The same negotiation with its answer.
    func settle(_ child: ChildNegotiation, _ opened: OpenedMessage) -> ChildNegotiation {
        var child = child
        let chain = opened.chain
        let isOwnExchange = opened.header.exchange == .createChildSA
        child.v2 = child.v2?.answered(
            by: chain.associationV2, granted: chain.traffic, isTransport: chain.has(.useTransportMode),
            mixesPPK: isOwnExchange && chain.has(.ppkIdentity))
        if isOwnExchange {
            child.responderNonce = chain.body(of: .nonceV2)
            if let exchange = chain.keyExchangeV2 { child.responderKE = chain.publicValue(exchange) }
        }
        child.position = 2
        child.agree(on: child.agreements(inUDP: opened.isInUDP))
        return child
    }

    // MARK: More key exchanges

    /// Keys come of it only when the exchanges that follow are through.
    private func wait(_ link: [UInt8], _ opened: OpenedMessage) -> Made {
        if known.followups.count >= IKEv2State.mostFollowups { known.followups.removeFirst() }
        known.followups.append((link, opened.sender.other, opened.header.messageID))
        return .nothing
    }

    /// Takes in a message of IKE_FOLLOWUP_KE; gives what its exchange made when it is the last one of it.
    func followup(_ opened: OpenedMessage) -> Made {
        let chain = opened.chain
        let isResponse = opened.isResponse
        let begunBy = isResponse ? opened.sender.other : opened.sender
        let link = opened.link
        // A request carries the link of the exchange before it; its answer carries the next one, or none.
        let place =
            isResponse
            ? known.followups.lastIndex { $0.begunBy == begunBy && $0.link == opened.exchange.link }
            : known.followups.lastIndex { $0.begunBy == begunBy && $0.link == link }
        guard let place, let exchange = chain.keyExchangeV2,
            var original = known.exchange(known.followups[place].messageID, begunBy: begunBy)
        else { return .nothing }
        let value = chain.publicValue(exchange)
        if var successor = original.successor {
            successor.facts.keyExchanges.take(value, of: exchange.group, from: !isResponse)
            successor.opener?.learn(successor.facts)
            original.successor = successor
        } else {
            original.child?.additionalExchanges.take(value, of: exchange.group, from: !isResponse, behind: 0)
        }
        let messageID = known.followups[place].messageID
        known.keep(original, messageID, begunBy: begunBy, tools.limits)
        guard isResponse else { return .nothing }
        known.followups.remove(at: place)
        if let link {
            known.followups.append((link, begunBy, messageID))
            return .nothing
        }
        if let successor = original.successor, successor.facts.responderSPI != 0 { return .successor(successor) }
        return original.child.map { .child($0) } ?? .nothing
    }
}
