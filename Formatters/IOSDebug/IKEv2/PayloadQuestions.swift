import ScopeDissect

/// What lines ask of the payloads of a message.
extension PayloadChain {
    var securityAssociation: IKEv2.SAPayload? {
        for payload in payloads { if case .ikev2(.sa(let content)) = payload.content { return content } }
        return nil
    }

    var publicValue: IKEv2.KeyExchange? {
        for payload in payloads { if case .ikev2(.keyExchange(let content)) = payload.content { return content } }
        return nil
    }

    var configuration: IKEv2.Configuration? {
        for payload in payloads { if case .ikev2(.configuration(let content)) = payload.content { return content } }
        return nil
    }

    /// The first notification of a type.
    func notify(_ type: IKEv2.NotifyType) -> IKEv2.Notify? {
        for payload in payloads {
            if case .ikev2(.notify(let content)) = payload.content, content.type == type { return content }
        }
        return nil
    }

    /// The first notification of an error.
    var errorNotify: IKEv2.NotifyType? {
        for payload in payloads {
            if case .ikev2(.notify(let content)) = payload.content, content.type.isError { return content.type }
        }
        return nil
    }

    func identification(_ type: PayloadType) -> IKEv2.Identification? {
        if case .ikev2(.identification(let content))? = first(type)?.content { content } else { nil }
    }

    var deletePayloads: [IKEv2.Delete] {
        payloads.compactMap { if case .ikev2(.delete(let content)) = $0.content { content } else { nil } }
    }
}
