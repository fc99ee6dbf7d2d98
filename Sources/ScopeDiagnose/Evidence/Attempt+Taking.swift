import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    private static let mostModes = 64
    private static let mostPairs = 64
    private static let mostParts = 32

    /// Which of its IKE SAs this one is, and whether that was begun by the other side.
    func part(_ sa: IKESAIdentity) -> (number: UInt8, isSwapped: Bool) {
        guard let index = parts.lastIndex(where: { $0.identity == sa }) else { return (0, false) }
        return (UInt8(clamping: index), initiator != responder && parts[index].initiator != initiator)
    }

    /// Takes in another IKE SA, which took the place of the last one.
    ///
    /// - Parameter initiator: who began the exchange that made it, under the address that it had first.
    func add(_ sa: IKESA, initiator: IPAddress) {
        guard !parts.contains(where: { $0.identity == sa.identity }) else { return }
        // Of very many the first and the last ones are told apart.
        if parts.count >= Self.mostParts { parts.remove(at: Self.mostParts / 2) }
        parts.append(Part(sa.identity, id: sa.id, initiator: initiator))
        heldBytes += MemoryLayout<Part>.stride
    }

    /// Takes in what became of the SA.
    ///
    /// - Parameter frame: of the message that shows it.
    func take(_ newer: IKESA, frame: Int) {
        let isSwapped = part(newer.identity).isSwapped
        for role in [Role.initiator, .responder] {
            place(role, at: newer.endpoint(of: isSwapped ? role.other : role).address, frame: frame)
        }
        if newer.identity == sa.identity { sa = SAFacts(newer) }
    }

    /// Takes in one message; a repeat counts with the one it repeats.
    func take(_ message: IKEMessage, _ event: Event, _ shared: inout SharedFacts) {
        if case .retransmission(let frame, _) = message.repetition {
            guard let index = messages.lastIndex(where: { $0.isIn(frame) }) else { return }
            change(at: index) { $0.again(event, of: frame) }
            return
        }
        if offers == nil, let offer = message.sa?.offer { offers = share(Trim.offers(offer), &shared) }
        if message.step.isFirst, proposals == nil, let offered = offered(message) {
            let (known, cost) = shared.share(offered)
            proposals = known
            heldBytes += cost
        }
        let part = message.sa.map { self.part($0.identity) } ?? (number: 0, isSwapped: false)
        // A peer may send from where it moved to; only the first answer shows who answers.
        if message.sender == .responder, part.number == 0, !messages.contains(where: { $0.sender == .responder }),
            message.source.address != responder, message.destination.address == initiator
        {
            answeredFrom = message.source.address
        }
        if !message.natDiscovery.isEmpty, natDiscovery[message.sender] == nil {
            natDiscovery[message.sender] = Array(message.natDiscovery.prefix(8))
        }
        note(vendorsOf: message, event)
        if let mode = message.quickMode { note(mode, part, &shared) }
        if heldBytes > Self.mostBytes { isPartial = true }
        let made = Message(message, event, part: part, keepsDetails: !isPartial)
        if message.step.version == .v2, join(made, event) { return }
        if messages.count >= Self.most {
            // The beginning tells most; of the rest the latest.
            heldBytes -= messages.remove(at: Self.most / 2).heldBytes
        }
        heldBytes += made.heldBytes
        messages.appendExactly(made)
    }

    /// Puts the pieces of a message together, and the message itself in their place; true when there is nothing to add.
    private func join(_ made: Message, _ event: Event) -> Bool {
        let known = messages.lastIndex {
            $0.exchange == made.exchange && $0.sender == made.sender && $0.pieces != nil
                && $0.step.isAnswer == made.step.isAnswer
        }
        guard let known else { return false }
        if let piece = made.pieces {
            change(at: known) { $0.add(piece, of: made.length, event) }
            return true
        }
        guard made.isOpened else { return false }
        change(at: known) { sealed in
            var whole = made
            whole.take(piecesOf: sealed)
            sealed = whole
        }
        return true
    }

    /// What IKE_SA_INIT offers.
    private func offered(_ message: IKEMessage) -> [Proposed]? {
        for payload in message.message.chain.payloads {
            if case .ikev2(.sa(let payload)) = payload.content { return Proposed.all(payload) }
        }
        return nil
    }

    func take(_ status: KeyStatus) {
        heldBytes += status.heldBytes - keys.heldBytes
        keys = status
    }

    func take(_ pair: ChildSA, settledIn frame: Int) {
        if pairs.count >= Self.mostPairs {
            // Of a tunnel that is rekeyed again and again, the first one and the latest are of use.
            guard let gone = pairs.dropFirst().firstIndex(where: { $0.isDeleted || $0.replacedBy != nil }) else {
                return
            }
            heldBytes -= pairs.remove(at: gone).heldBytes
        }
        let made = MadeSAs(pair, settledIn: frame, part: part(pair.ikeSA.identity))
        heldBytes += made.heldBytes
        pairs.appendExactly(made)
    }

    private func change(at index: Int, _ change: (inout Message) -> Void) {
        heldBytes -= messages[index].heldBytes
        change(&messages[index])
        heldBytes += messages[index].heldBytes
    }

    private func note(
        _ mode: ChildNegotiation, _ part: (number: UInt8, isSwapped: Bool), _ shared: inout SharedFacts
    ) {
        var made = Mode(mode, part: part, keepsOffers: !isPartial)
        let index = quickModes.lastIndex { $0.exchange == made.exchange }
        let earlier = index.map { quickModes[$0] }
        if index == nil, quickModes.count >= Self.mostModes {
            guard let gone = quickModes.dropFirst().firstIndex(where: \.isThrough) else { return }
            heldBytes -= quickModes.remove(at: gone).heldBytes
        }
        // What the tracker let go of when it was through is still of use here.
        made.offers = settle(made.offers, earlier?.offers, &shared)
        made.answers = settle(made.answers, earlier?.answers, &shared)
        made.proposals = made.proposals ?? earlier?.proposals
        made.chosen = made.chosen ?? earlier?.chosen
        heldBytes += made.heldBytes - (earlier?.heldBytes ?? 0)
        if let index { quickModes[index] = made } else { quickModes.appendExactly(made) }
    }

    private func settle(_ new: [Offer]?, _ known: [Offer]?, _ shared: inout SharedFacts) -> [Offer]? {
        guard let new else { return known }
        return new == known ? known : share(new, &shared)
    }

    private func share(_ offers: [Offer], _ shared: inout SharedFacts) -> [Offer] {
        let (known, cost) = shared.share(offers)
        heldBytes += cost
        return known
    }

    private func note(vendorsOf message: IKEMessage, _ event: Event) {
        for payload in message.message.chain.payloads {
            guard case .vendorID(let vendor?) = payload.content else { continue }
            vendors[message.sender, default: []].insert(vendor.family)
            // Check Point's: 20 bytes, then product, version, time, and more.
            guard clocks[message.sender] == nil, vendor.name.hasPrefix("Check Point") else { continue }
            let body = Array(message.message.chain.slice(payload.body).prefix(40))
            guard body.count == 40 else { continue }
            let seconds = body[28..<32].reduce(0) { $0 << 8 | UInt32($1) }
            if seconds != 0 { clocks[message.sender] = (seconds, event.time, event.frame) }
        }
    }
}

extension Array {
    /// Appends without room for as many again: an attempt has a handful of each, and there are very many attempts.
    fileprivate mutating func appendExactly(_ element: Element) {
        if count == capacity { reserveCapacity(count + Swift.max(1, count / 4)) }
        append(element)
    }
}
