import ScopeDissect
import ScopeModel
import ScopeWire

/// The configuration exchange: what is asked for or given, an attribute a line.
extension IKEv2Lines {
    mutating func configurationSent(_ chain: PayloadChain) {
        guard let configuration = chain.configuration else { return }
        say("Config data to send:", as: .bare)
        attributes(configuration)
        say("Have config mode data to send")
    }

    mutating func configurationTaken(_ chain: PayloadChain) {
        guard let configuration = chain.configuration else { return }
        if side == .responder { say(UnconfirmedLines.configurationIsValid) }
        say(UnconfirmedLines.configurationReceived, as: .bare)
        attributes(configuration)
        say(UnconfirmedLines.configurationSet)
    }

    private mutating func attributes(_ configuration: IKEv2.Configuration) {
        line(as: .bare, "Config-type: ", .literal(UnconfirmedLines.configuration(configuration.type)), " ")
        for attribute in configuration.attributes {
            guard begin(.bare) else { return }
            out.sink.literal("Attrib type: ")
            if let name = Self.name(attribute.type) {
                out.sink.literal(name)
            } else {
                out.sink.write("Unknown - ", .number(attribute.type))
            }
            out.sink.write(", length: ", .number(attribute.value.count))
            guard !attribute.value.isEmpty else { continue }
            out.sink.literal(", data: ")
            value(attribute)
        }
    }

    private func value(_ attribute: Attribute) {
        switch attribute.meaning(in: .ikev2Configuration) {
        case .number(let number): out.sink.decimal(number)
        case .code(let number, _): out.sink.decimal(number)
        case .address(let address): Part.upperAddress(address).write(to: out.sink)
        case .text(let text): out.sink.untrusted(text)
        case .bytes, .structure: out.sink.untrusted(Wording.text(of: attribute.value))
        }
    }

    private static func name(_ type: UInt16) -> StaticString? {
        switch type {
        case 7: "app-version"
        default: UnconfirmedLines.attribute(type)
        }
    }
}
