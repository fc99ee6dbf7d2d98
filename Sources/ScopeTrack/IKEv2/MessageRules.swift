import ScopeDissect
import ScopeModel

/// What a message of IKEv2 may carry (RFC 7296 appendix C, RFC 9242, RFC 9370, RFC 5723).
///
/// Notifications, vendor IDs and payloads that no RFC knew then may stand anywhere, so they have no rows. What a row asks
/// for at least is asked of a message that refuses nothing.
struct MessageRule {
    /// How many payloads of a type there may be.
    struct Slot {
        var payload: PayloadType
        var count: ClosedRange<Int>

        init(_ payload: PayloadType, _ count: ClosedRange<Int>) {
            self.payload = payload
            self.count = count
        }
    }

    var exchange: ExchangeType
    var isResponse: Bool
    var isEncrypted: Bool
    var slots: [Slot]

    private init(_ exchange: ExchangeType, isResponse: Bool, isEncrypted: Bool = true, _ slots: [Slot]) {
        self.exchange = exchange
        self.isResponse = isResponse
        self.isEncrypted = isEncrypted
        self.slots = slots
    }

    private static let many = 0...Int.max

    private static let all: [MessageRule] = [
        MessageRule(
            .ikeSAInit, isResponse: false, isEncrypted: false,
            [
                Slot(.securityAssociationV2, 1...1), Slot(.keyExchangeV2, 1...1), Slot(.nonceV2, 1...1),
                Slot(.certificateRequestV2, many), Slot(.puzzleSolution, 0...1),
            ]),
        MessageRule(
            .ikeSAInit, isResponse: true, isEncrypted: false,
            [
                Slot(.securityAssociationV2, 1...1), Slot(.keyExchangeV2, 1...1), Slot(.nonceV2, 1...1),
                Slot(.certificateRequestV2, many),
            ]),
        MessageRule(.ikeSessionResume, isResponse: false, isEncrypted: false, [Slot(.nonceV2, 1...1)]),
        MessageRule(.ikeSessionResume, isResponse: true, isEncrypted: false, [Slot(.nonceV2, 1...1)]),
        MessageRule(.ikeIntermediate, isResponse: false, [Slot(.keyExchangeV2, 0...1)]),
        MessageRule(.ikeIntermediate, isResponse: true, [Slot(.keyExchangeV2, 0...1)]),
        MessageRule(
            .ikeAuth, isResponse: false,
            [
                Slot(.identificationInitiator, 0...1), Slot(.certificateV2, many), Slot(.certificateRequestV2, many),
                Slot(.identificationResponder, 0...1), Slot(.authentication, 0...1), Slot(.eap, 0...1),
                Slot(.configuration, 0...1), Slot(.securityAssociationV2, 0...1),
                Slot(.trafficSelectorInitiator, 0...1), Slot(.trafficSelectorResponder, 0...1),
                Slot(.passwordMethod, 0...1),
            ]),
        MessageRule(
            .ikeAuth, isResponse: true,
            [
                Slot(.identificationResponder, 0...1), Slot(.certificateV2, many), Slot(.authentication, 0...1),
                Slot(.eap, 0...1), Slot(.configuration, 0...1), Slot(.securityAssociationV2, 0...1),
                Slot(.trafficSelectorInitiator, 0...1), Slot(.trafficSelectorResponder, 0...1),
                Slot(.passwordMethod, 0...1),
            ]),
        MessageRule(.createChildSA, isResponse: false, childSlots),
        MessageRule(.createChildSA, isResponse: true, childSlots),
        MessageRule(.ikeFollowupKE, isResponse: false, [Slot(.keyExchangeV2, 1...1)]),
        MessageRule(.ikeFollowupKE, isResponse: true, [Slot(.keyExchangeV2, 1...1)]),
        MessageRule(.informationalV2, isResponse: false, [Slot(.deleteV2, many), Slot(.configuration, 0...1)]),
        MessageRule(.informationalV2, isResponse: true, [Slot(.deleteV2, many), Slot(.configuration, 0...1)]),
    ]

    private static let childSlots = [
        Slot(.securityAssociationV2, 1...1), Slot(.nonceV2, 1...1), Slot(.keyExchangeV2, 0...1),
        Slot(.trafficSelectorInitiator, 0...1), Slot(.trafficSelectorResponder, 0...1), Slot(.configuration, 0...1),
    ]

    /// The payloads that the rows speak of.
    private static let known: Set<PayloadType> = [
        .securityAssociationV2, .keyExchangeV2, .identificationInitiator, .identificationResponder, .certificateV2,
        .certificateRequestV2, .authentication, .nonceV2, .deleteV2, .trafficSelectorInitiator,
        .trafficSelectorResponder, .configuration, .eap, .passwordMethod, .puzzleSolution,
    ]

    /// Where a message that can be read is not what its exchange allows; empty for an exchange without a row.
    ///
    /// - Parameter chain: the payloads that were encrypted, or those in the clear of a message without any.
    static func breaches(of message: ISAKMPMessage, _ chain: PayloadChain) -> [MessageBreach] {
        let header = message.header
        let isResponse = header.flags.contains(.response)
        guard let rule = all.first(where: { $0.exchange == header.exchange && $0.isResponse == isResponse }) else {
            return []
        }
        var counts: [PayloadType: Int] = [:]
        for payload in chain.payloads { counts[payload.type, default: 0] += 1 }
        var breaches: [MessageBreach] = []
        let refuses = chain.refuses
        for slot in rule.slots {
            let count = counts.removeValue(forKey: slot.payload) ?? 0
            if count > slot.count.upperBound { breaches.append(MessageBreach(slot.payload, .tooMany(count))) }
            if count < slot.count.lowerBound, !refuses { breaches.append(MessageBreach(slot.payload, .missing)) }
        }
        for payload in chain.payloads
        where known.contains(payload.type) && counts.removeValue(forKey: payload.type) != nil {
            breaches.append(MessageBreach(payload.type, .unexpected))
        }
        if rule.isEncrypted {
            for payload in message.chain.payloads where known.contains(payload.type) {
                breaches.append(MessageBreach(payload.type, .inClear))
            }
        }
        return breaches
    }
}

extension PayloadChain {
    /// It refuses a request, or asks for it once more: then it has nothing but what says so.
    fileprivate var refuses: Bool {
        payloads.contains {
            guard case .ikev2(.notify(let content)) = $0.content else { return false }
            return content.type.isError || content.type == .cookie || content.type == .redirect
                || content.type == .ticketNack
        }
    }
}
