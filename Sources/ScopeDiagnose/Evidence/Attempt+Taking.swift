import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    private static let mostModes = 64
    private static let mostPairs = 64

    /// Takes in what became of the SA.
    mutating func take(_ newer: IKESA) { sa = SAFacts(newer) }

    /// Takes in one message; a repeat counts with the one it repeats.
    mutating func take(_ message: IKEMessage, _ event: Event, _ shared: inout SharedFacts) {
        if case .retransmission(let frame, _) = message.repetition {
            guard let index = messages.lastIndex(where: { $0.isIn(frame) }) else { return }
            change(at: index) { $0.again(event) }
            return
        }
        if offers == nil, let offer = message.sa?.offer { offers = share(Trim.offers(offer), &shared) }
        if message.sender == .responder, !messages.contains(where: { $0.sender == .responder }),
            message.source.address != responder, message.destination.address == initiator
        {
            answeredFrom = message.source.address
        }
        if !message.natDiscovery.isEmpty, natDiscovery[message.sender] == nil {
            natDiscovery[message.sender] = Array(message.natDiscovery.prefix(8))
        }
        note(vendorsOf: message, event)
        if let mode = message.quickMode { note(mode, &shared) }
        if messages.count >= Self.most {
            // The beginning tells most; of the rest the latest.
            heldBytes -= messages.remove(at: Self.most / 2).heldBytes
        }
        if heldBytes > Self.mostBytes { isPartial = true }
        let made = Message(message, event, keepsDetails: !isPartial)
        heldBytes += made.heldBytes
        messages.appendExactly(made)
    }

    mutating func take(_ status: KeyStatus) {
        heldBytes += status.heldBytes - keys.heldBytes
        keys = status
    }

    mutating func take(_ pair: ChildSA, settledIn frame: Int) {
        guard pairs.count < Self.mostPairs else { return }
        let made = MadeSAs(pair, settledIn: frame)
        heldBytes += made.heldBytes
        pairs.appendExactly(made)
    }

    private mutating func change(at index: Int, _ change: (inout Message) -> Void) {
        heldBytes -= messages[index].heldBytes
        change(&messages[index])
        heldBytes += messages[index].heldBytes
    }

    private mutating func note(_ mode: ChildNegotiation, _ shared: inout SharedFacts) {
        let index = quickModes.lastIndex { $0.messageID == mode.messageID }
        let earlier = index.map { quickModes[$0] }
        guard index != nil || quickModes.count < Self.mostModes else { return }
        var made = Mode(mode, keepsOffers: !isPartial)
        // What the tracker let go of when it was through is still of use here.
        made.offers = settle(made.offers, earlier?.offers, &shared)
        made.answers = settle(made.answers, earlier?.answers, &shared)
        heldBytes += made.heldBytes - (earlier?.heldBytes ?? 0)
        if let index { quickModes[index] = made } else { quickModes.appendExactly(made) }
    }

    private mutating func settle(_ new: [Offer]?, _ known: [Offer]?, _ shared: inout SharedFacts) -> [Offer]? {
        guard let new else { return known }
        return new == known ? known : share(new, &shared)
    }

    private mutating func share(_ offers: [Offer], _ shared: inout SharedFacts) -> [Offer] {
        let (known, cost) = shared.share(offers)
        heldBytes += cost
        return known
    }

    private mutating func note(vendorsOf message: IKEMessage, _ event: Event) {
        for payload in message.message.chain.all(.vendorID) {
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
