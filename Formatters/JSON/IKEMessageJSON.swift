import ScopeDissect
import ScopeModel
import ScopeWire

/// The fields of an IKE message: its header, what became of it, and the payloads that can be read.
struct IKEMessageJSON {
    let message: IKEMessage
    let showSecrets: Bool

    private var header: ISAKMPHeader { message.message.header }

    func write(to json: inout JSONWriter) {
        if message.frames.count > 1 {
            json.writeList("frames") { list in message.frames.forEach { list.writeElement($0) } }
        }
        json.writeRoute(message.source, message.destination)
        json.writeWord("protocol", "isakmp")
        switch message.carrier {
        case .ip, .udp: break
        case .udpEncapsulated: json.writeWord("encapsulation", "udp")
        case .tcp: json.writeWord("encapsulation", "tcp")
        }
        fields(to: &json)
        json.writeBool("encrypted", message.message.isEncrypted || isDecrypted)
        opening(to: &json)
        place(to: &json)
        json.writeRepetition(message.repetition)
        // Of a message of IKEv2 that stays closed, the Encrypted payload and what stands before it are in the clear.
        let chain = message.readable ?? message.message.chain
        if let error = chain.error ?? message.message.chain.error {
            json.writeError(error, in: chain.error != nil && isDecrypted ? "plaintext" : "message")
        }
        let payloads = PayloadJSON(
            chain: chain, natDiscovery: message.natDiscovery, certificates: message.certificates,
            hidesUnknown: !showSecrets && message.message.mayHoldSecrets(chain), showSecrets: showSecrets)
        if let report = message.certificates { json.writeCertificateCheck(report) }
        json.writeList("payloads") { payloads.write(to: &$0) }
    }

    // MARK: Header

    private func fields(to json: inout JSONWriter) {
        json.writeString("version", header.versionText)
        switch message.step {
        case .v1(.groupKeyPull): json.writeWord("exchange", "groupkey-pull")
        case .v1(.groupKeyPush): json.writeWord("exchange", "groupkey-push")
        default: if let name = header.exchange.name { json.writeString("exchange", name) }
        }
        json.writeNumber("exchange_type", header.exchange.rawValue)
        json.writeQuoted("initiator_spi") { $0.hex(header.initiatorSPI, digits: 16) }
        json.writeQuoted("responder_spi") { $0.hex(header.responderSPI, digits: 16) }
        json.writeNumber("next_payload", header.nextPayload.rawValue)
        json.writeNumber("message_id", header.messageID)
        json.writeList("flags", flags)
        json.writeNumber("length", header.length)
    }

    /// The names of the flags that the version knows, others as numbers.
    private func flags(_ list: inout JSONWriter) {
        let names = header.flagNames
        for name in names.defined { list.writeElement(name) }
        guard names.others != 0 else { return }
        list.writeQuotedElement { sink in
            sink.literal("0x")
            sink.hex(UInt64(names.others), digits: 2)
        }
    }

    // MARK: Decryption

    private var isDecrypted: Bool { if case .opened = message.opening { true } else { false } }

    private func opening(to json: inout JSONWriter) {
        json.writeBool("decrypted", isDecrypted)
        switch message.opening {
        case .clear: if message.clearProof != .notChecked { check(message.clearProof, to: &json) }
        case .opened(_, let key, let proof):
            json.writeString("key", key.description)
            check(proof, to: &json)
        case .sealed(let why): json.writeString("missing", why)
        case .unreadable(let tried):
            json.writeWord("missing", "no key that was given opens it")
            json.writeList("tried") { list in for name in tried { list.writeElement(name.description) } }
        }
    }

    private func check(_ proof: Proof, to json: inout JSONWriter) {
        json.writeObject("hash_check") { json in
            switch proof {
            case .verified(let kind):
                json.writeWord("result", "ok")
                json.writeString("name", kind.description)
            case .failed(let kind):
                json.writeWord("result", "wrong")
                json.writeString("name", kind.description)
            case .notChecked: json.writeWord("result", "unchecked")
            }
        }
    }

    // MARK: Place

    private func place(to json: inout JSONWriter) {
        if let sa = message.sa {
            json.writeNumber("ike_sa", sa.id)
            if let connection = sa.connectionID { json.writeNumber("conn_id", connection) }
            json.writeWord("sender", message.sender == .initiator ? "initiator" : "responder")
        }
        if let number = message.step.number { json.writeNumber("step", number) }
        if message.ikeFragments > 0 { json.writeNumber("ike_fragments", message.ikeFragments) }
        if let reading = message.v2 {
            json.write(
                reading, messageID: header.messageID, isResponse: header.isResponse == true, from: message.sender)
        }
    }
}
