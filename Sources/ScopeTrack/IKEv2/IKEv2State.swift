import ScopeDissect
import ScopeModel

/// What the follower of IKEv2 knows of one IKE SA, beside what both versions know.
final class IKEv2State {
    var facts: IKEv2Facts
    /// Nil when no keys were given, and before the first message that needs them.
    var opener: (any IKEv2SAOpener)?
    /// A message was opened: from then on one that cannot be opened changes nothing.
    var isProved = false
    /// The exchanges that each side began.
    var begunByInitiator = MessageWindow()
    var begunByResponder = MessageWindow()
    var fragments = FragmentSet()
    /// The child SA that IKE_AUTH makes, from the request that asks for it to the answer, which EAP rounds may part.
    var first: ChildNegotiation?
    /// Requests of IKE_SA_INIT.
    var attempts = 0
    /// The initiator sent N(USE_PPK), which counts when the responder does so, too.
    var offersPPK = false
    /// Both sides support MOBIKE (RFC 4555): the SA moves only where they say so.
    var offersMOBIKE = false
    var hasMOBIKE = false
    /// Exchanges whose key exchanges go on in IKE_FOLLOWUP_KE, by what links them to it (RFC 9370 section 2.2.4).
    var followups: [(link: [UInt8], begunBy: Role, messageID: UInt32)] = []

    static let mostFollowups = 8

    init(_ facts: IKEv2Facts) { self.facts = facts }

    /// Of an SA that was seen from its first message on, or in the middle.
    convenience init(_ sa: IKESA) {
        self.init(
            IKEv2Facts(
                initiatorSPI: sa.initiatorSPI, responderSPI: sa.responderSPI, initiatorAddress: sa.initiator.address,
                responderAddress: sa.responder.address))
    }

    /// Of another answer to the same first message, which may be anybody's.
    convenience init(beside first: IKEv2State, responderSPI: UInt64) {
        var facts = first.facts
        facts.responderSPI = responderSPI
        (facts.suite, facts.responderNonce, facts.responderFirst, facts.usesPPK) = (nil, nil, nil, false)
        facts.keyExchanges = facts.keyExchanges.prefix(1).map {
            KeyExchangeStep(group: $0.group, initiatorValue: $0.initiatorValue)
        }
        self.init(facts)
        (attempts, offersPPK) = (first.attempts, first.offersPPK)
    }

    /// A first message with other contents than the one that was answered with a choice: another SA under the same SPI.
    func isBegunAnew(by message: ISAKMPMessage) -> Bool {
        guard message.header.exchange == .ikeSAInit || message.header.exchange == .ikeSessionResume,
            !message.header.flags.contains(.response)
        else { return false }
        return isProved || facts.responderFirst != nil && facts.initiatorFirst != message.bytes
    }

    /// The exchange that `role` began under a message ID.
    func exchange(_ id: UInt32, begunBy role: Role) -> MessageWindow.Exchange? {
        role == .initiator ? begunByInitiator[id] : begunByResponder[id]
    }

    func keep(_ exchange: MessageWindow.Exchange, _ id: UInt32, begunBy role: Role, _ limits: Limits) {
        if role == .initiator {
            begunByInitiator.keep(exchange, id, limits)
        } else {
            begunByResponder.keep(exchange, id, limits)
        }
    }

    /// The bytes that peers sent of what is held.
    var heldBytes: Int {
        facts.footprint + begunByInitiator.cost + begunByResponder.cost + fragments.heldBytes + (first?.footprint ?? 0)
    }
}
