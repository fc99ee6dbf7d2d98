import ScopeDissect
import ScopeModel
import ScopeWire

/// An EAP message as members of its payload's object; what proves who a user is stays hidden.
struct EAPJSON {
    let eap: IKEv2.EAP
    /// Behind the type.
    let data: ArraySlice<UInt8>
    let showSecrets: Bool

    func write(to json: inout JSONWriter) {
        json.writeNumber("eap_code", eap.code.rawValue)
        if let name = eap.code.name { json.writeString("eap_code_name", name) }
        json.writeNumber("identifier", eap.identifier)
        guard let type = eap.type else { return }
        json.writeNumber("eap_type", type.rawValue)
        if let name = type.name { json.writeString("eap_type_name", name) }
        content(to: &json)
        guard !data.isEmpty else { return }
        if holdsSecrets, !showSecrets { json.writeBool("hidden", true) } else { json.writeHex("data", data) }
    }

    private func content(to json: inout JSONWriter) {
        switch eap.content {
        case .bytes, .answer: break
        case .identity(let text): if !text.isEmpty { json.writeString("identity", text) }
        case .notification(let text), .prompt(let text): json.writeString("message", text)
        case .nak(let types):
            json.writeList("wanted") { list in for type in types { list.writeElement(type.name ?? "\(type.rawValue)") }
            }
        case .md5(let name): if !name.isEmpty { json.writeString("identity", name) }
        case .mschapv2(let message):
            json.writeNumber("operation", message.operation.rawValue)
            if let name = message.operation.name { json.writeString("operation_name", name) }
            guard !message.text.isEmpty else { return }
            switch message.operation {
            case .challenge, .response: json.writeString("identity", message.text)
            default: json.writeString("message", message.text)
            }
        case .tls(let tls):
            json.writeNumber("tls_flags", tls.flags)
            if let length = tls.length { json.writeNumber("tls_length", length) }
            json.writeList("tls_records") { list in for record in tls.records { list.writeElement(record) } }
        case .aka(let aka):
            json.writeNumber("subtype", aka.subtype.rawValue)
            if let name = aka.subtype.name { json.writeString("subtype_name", name) }
            if let identity = aka.identity { json.writeString("identity", identity) }
            json.writeList("aka_attributes") { list in
                for attribute in aka.attributes { list.writeElement(attribute.name ?? "\(attribute.rawValue)") }
            }
        case .expanded(let vendor, let type):
            json.writeNumber("eap_vendor", vendor)
            json.writeNumber("eap_vendor_type", type)
        }
    }

    /// Answers of a user or of a SIM card; what says who it is, and records of TLS, are none.
    private var holdsSecrets: Bool {
        guard eap.code == .response else { return false }
        switch eap.content {
        case .identity, .notification, .nak, .tls: return false
        case .mschapv2(let message): return message.operation != .success && message.operation != .failure
        case .aka(let aka): return aka.attributes.contains(.res)
        case .bytes, .md5, .prompt, .answer, .expanded: return true
        }
    }
}
