import ScopeDissect
import ScopeModel
import ScopeWire

/// The fields of an IKE message: its header, what became of it, and the payloads that can be read.
struct IKEMessageJSON {
    let message: IKEMessage
    let showSecrets: Bool

    private var header: ISAKMPHeader { message.message.header }

    func write(to json: inout JSONWriter) {
        if message.frames.count > 1 { json.list("frames") { list in message.frames.forEach { list.element($0) } } }
        json.route(message.source, message.destination)
        json.word("protocol", "isakmp")
        switch message.carrier {
        case .ip, .udp: break
        case .udpEncapsulated: json.word("encapsulation", "udp")
        case .tcp: json.word("encapsulation", "tcp")
        }
        fields(to: &json)
        json.bool("encrypted", message.message.isEncrypted || isDecrypted)
        opening(to: &json)
        place(to: &json)
        json.repetition(message.repetition)
        let chain = message.readable ?? PayloadChain()
        if let error = chain.error ?? message.message.chain.error {
            json.error(error, in: chain.error != nil && isDecrypted ? "plaintext" : "message")
        }
        let payloads = PayloadJSON(
            chain: chain, natDiscovery: message.natDiscovery, certificates: message.certificates,
            hidesUnknown: !showSecrets && message.message.mayHoldSecrets(chain), showSecrets: showSecrets)
        if let report = message.certificates { json.certificateCheck(report) }
        json.list("payloads") { payloads.write(to: &$0) }
    }

    // MARK: Header

    private func fields(to json: inout JSONWriter) {
        json.string("version", header.versionText)
        switch message.step {
        case .v1(.groupKeyPull): json.word("exchange", "groupkey-pull")
        case .v1(.groupKeyPush): json.word("exchange", "groupkey-push")
        default: if let name = header.exchange.name { json.string("exchange", name) }
        }
        json.number("exchange_type", header.exchange.rawValue)
        json.quoted("initiator_spi") { $0.hex(header.initiatorSPI, digits: 16) }
        json.quoted("responder_spi") { $0.hex(header.responderSPI, digits: 16) }
        json.number("next_payload", header.nextPayload.rawValue)
        json.number("message_id", header.messageID)
        json.list("flags", flags)
        json.number("length", header.length)
    }

    /// The names of the flags that the version knows, others as numbers.
    private func flags(_ list: inout JSONWriter) {
        let names = header.flagNames
        for name in names.defined { list.element(name) }
        guard names.others != 0 else { return }
        list.quotedElement { sink in
            sink.literal("0x")
            sink.hex(UInt64(names.others), digits: 2)
        }
    }

    // MARK: Decryption

    private var isDecrypted: Bool { if case .opened = message.opening { true } else { false } }

    private func opening(to json: inout JSONWriter) {
        json.bool("decrypted", isDecrypted)
        switch message.opening {
        case .clear: if message.clearProof != .notChecked { check(message.clearProof, to: &json) }
        case .opened(_, let key, let proof):
            json.string("key", key.description)
            check(proof, to: &json)
        case .sealed(let why): json.string("missing", why)
        case .unreadable(let tried):
            json.word("missing", "no key that was given opens it")
            json.list("tried") { list in for name in tried { list.element(name.description) } }
        }
    }

    private func check(_ proof: Proof, to json: inout JSONWriter) {
        json.object("hash_check") { json in
            switch proof {
            case .verified(let kind):
                json.word("result", "ok")
                json.string("name", kind.description)
            case .failed(let kind):
                json.word("result", "wrong")
                json.string("name", kind.description)
            case .notChecked: json.word("result", "unchecked")
            }
        }
    }

    // MARK: Place

    private func place(to json: inout JSONWriter) {
        if let sa = message.sa {
            json.number("ike_sa", sa.id)
            if let connection = sa.connectionID { json.number("conn_id", connection) }
            json.word("sender", message.sender == .initiator ? "initiator" : "responder")
        }
        if let number = message.step.number { json.number("step", number) }
        if message.ikeFragments > 0 { json.number("ike_fragments", message.ikeFragments) }
    }
}
