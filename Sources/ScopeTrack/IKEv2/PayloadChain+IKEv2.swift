import ScopeDissect
import ScopeModel

/// What the follower of IKEv2 asks of the payloads of a message.
extension PayloadChain {
    var associationV2: IKEv2.SAPayload? {
        for payload in payloads { if case .ikev2(.sa(let content)) = payload.content { return content } }
        return nil
    }

    var keyExchangeV2: IKEv2.KeyExchange? {
        for payload in payloads { if case .ikev2(.keyExchange(let content)) = payload.content { return content } }
        return nil
    }

    /// The public value alone, without its group.
    func publicValue(_ exchange: IKEv2.KeyExchange) -> [UInt8] { Array(slice(exchange.data)) }

    /// The first notification of a type.
    func notify(_ type: IKEv2.NotifyType) -> IKEv2.Notify? {
        for payload in payloads {
            if case .ikev2(.notify(let content)) = payload.content, content.type == type { return content }
        }
        return nil
    }

    func has(_ type: IKEv2.NotifyType) -> Bool { notify(type) != nil }

    /// It tells of an error, as all notifications below 16384 do (RFC 7296 section 3.10.1).
    var errorNotified: IKEv2.NotifyType? {
        for payload in payloads {
            if case .ikev2(.notify(let content)) = payload.content, content.type.isError { return content.type }
        }
        return nil
    }

    /// TSi and TSr; nil where the message has not both.
    var traffic: ChildTraffic? {
        func selectors(_ type: PayloadType) -> [TrafficSelector]? {
            guard case .ikev2(.trafficSelectors(let content))? = first(type)?.content else { return nil }
            return content.selectors.map { TrafficSelector($0) }
        }
        guard let initiator = selectors(.trafficSelectorInitiator),
            let responder = selectors(.trafficSelectorResponder)
        else { return nil }
        return ChildTraffic(initiator: initiator, responder: responder)
    }

    func identity(_ type: PayloadType) -> IKEv2.Identification? {
        if case .ikev2(.identification(let content))? = first(type)?.content { content } else { nil }
    }

    var deletes: [IKEv2.Delete] {
        payloads.compactMap { if case .ikev2(.delete(let content)) = $0.content { content } else { nil } }
    }
}
