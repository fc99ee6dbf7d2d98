import ScopeDissect
import ScopeModel
import ScopeWire

/// What the follower of IKEv2 made of a message, as members of the message.
extension JSONWriter {
    /// - Parameter id: the message ID, which a request and its response share.
    mutating func write(_ reading: IKEv2Reading, messageID id: UInt32, isResponse: Bool, from sender: Role) {
        writeWord("purpose", reading.purpose.word)
        switch reading.purpose {
        case .initial(let attempt): writeNumber("attempt", attempt)
        case .rekeyedChild(let rekeyed): write(rekeyed)
        default: break
        }
        if isResponse {
            writeObject("request") { json in
                json.writeNumber("message_id", id)
                if let frame = reading.request { json.writeNumber("frame", frame) }
            }
        }
        if let outcome = reading.authentication { write(outcome, of: sender) }
        if let successor = reading.successor {
            writeObject("successor") { json in
                json.writeNumber("ike_sa", successor.id)
                json.writeQuoted("initiator_spi") { $0.hex(successor.initiatorSPI, digits: 16) }
                json.writeQuoted("responder_spi") { $0.hex(successor.responderSPI, digits: 16) }
            }
        }
        if !reading.breaches.isEmpty {
            writeList("breaches") { list in for breach in reading.breaches { list.writeObject { $0.write(breach) } } }
        }
    }

    private mutating func write(_ outcome: AuthenticationOutcome, of sender: Role) {
        writeObject("auth") { json in
            json.writeWord("by", sender == .initiator ? "initiator" : "responder")
            if let number = outcome.method.ikev2 {
                json.writeNumber("auth_method", number)
                let method = UInt8(exactly: number).map { IKEv2.AuthenticationMethod(rawValue: $0) }
                if let name = method?.name { json.writeString("auth_method_name", name) }
            }
            switch outcome.proof {
            case .verified: json.writeWord("result", "ok")
            case .failed: json.writeWord("result", "wrong")
            case .notChecked: json.writeWord("result", "unchecked")
            }
            switch outcome.means {
            case .key(let name): json.writeString("key", name.description)
            case .certificate(let fingerprint): json.writeHex("certificate", fingerprint)
            case .rawKey(let fingerprint): json.writeHex("raw_key", fingerprint)
            case .eapKey(let name): json.writeString("eap_key", name.description)
            case .session: json.writeBool("session_key_alone", true)
            case nil: break
            }
            if let ppk = outcome.ppk { json.writeString("ppk", ppk.description) }
            if let problem = outcome.problem { json.writeString("why", problem) }
        }
    }

    private mutating func write(_ breach: MessageBreach) {
        switch breach.kind {
        case .missing: writeWord("kind", "missing")
        case .tooMany: writeWord("kind", "too-many")
        case .unexpected: writeWord("kind", "unexpected")
        case .inClear: writeWord("kind", "in-clear")
        }
        writeNumber("type", breach.payload.rawValue)
        if let name = breach.payload.name { writeString("name", name) }
        if case .tooMany(let count) = breach.kind { writeNumber("count", count) }
    }
}

extension IKEv2Purpose {
    /// Its name in JSON.
    fileprivate var word: StaticString {
        switch self {
        case .initial: "initial"
        case .resumption: "resumption"
        case .intermediate: "intermediate"
        case .authentication: "authentication"
        case .child: "new-child"
        case .rekeyedChild: "rekey-child"
        case .rekeyedIKE: "rekey-ike"
        case .followup: "followup"
        case .deletedIKE: "delete-ike"
        case .deletedChildren: "delete-children"
        case .liveness: "liveness"
        case .addresses: "address-update"
        case .redirect: "redirect"
        case .notice: "notice"
        case .other: "other"
        case .unread: "unread"
        }
    }
}
