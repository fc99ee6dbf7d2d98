import ScopeDissect
import ScopeModel

/// The exchanges that one side of an IKE SA began, by message ID (RFC 7296 sections 2.1 to 2.3).
///
/// Several may be under way at once, and their answers may come in any order. Bounded; the oldest go first.
struct MessageWindow {
    /// A request, and what its answer needs to know of it.
    struct Exchange {
        /// The first frame of the request; nil where only its answer was seen.
        var frame: Int?
        var purpose = IKEv2Purpose.unread
        /// The child SA that it asks for.
        var child: ChildNegotiation?
        /// The IKE SA that it asks for, in place of the one that carries it.
        var successor: Successor?
        /// The request says that another AUTH follows (RFC 4739 section 3.1): this one is not the last.
        var moreAuthentication = false
        /// What links a request of IKE_FOLLOWUP_KE to the exchange before it.
        var link: [UInt8]?
        /// The first frame of the answer.
        var answer: Int?
    }

    /// An IKE SA to be, whose keys follow from those of the SA that it replaces (RFC 7296 section 2.18).
    struct Successor {
        var facts: IKEv2Facts
        var opener: (any IKEv2SAOpener)?
    }

    private var exchanges = ExchangeTable<Exchange>()

    /// What the exchanges hold, in bytes.
    var cost: Int { exchanges.cost }

    subscript(id: UInt32) -> Exchange? { exchanges[id] }

    mutating func keep(_ exchange: Exchange, _ id: UInt32, _ limits: Limits) {
        exchanges.set(
            exchange, for: id, limit: limits.exchangesPerSA, cost: exchange.footprint,
            bytes: limits.exchangeBytesPerSA)
    }
}

extension MessageWindow.Exchange {
    /// Bytes that it holds, about.
    fileprivate var footprint: Int {
        var sum = 128 + (child?.footprint ?? 0) + (link?.count ?? 0)
        if let successor { sum += successor.facts.footprint }
        return sum
    }
}

extension IKEv2Facts {
    /// Bytes that peers sent, about.
    var footprint: Int {
        var sum = 256
        for part in [self.initiatorNonce, self.responderNonce, self.initiatorFirst, self.responderFirst] {
            sum += part?.count ?? 0
        }
        for step in self.keyExchanges {
            sum += 64 + (step.initiatorValue?.count ?? 0) + (step.responderValue?.count ?? 0)
        }
        return sum
    }
}
