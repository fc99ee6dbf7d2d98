import ScopeDissect
import ScopeModel
import ScopeWire

/// Notifications, EAP, configuration and vendor IDs.
extension IKEv2Meaning {
    // MARK: Notifications

    func notifications() {
        var others: [IKEv2.Notify] = []
        for payload in chain.payloads {
            guard case .ikev2(.notify(let notify)) = payload.content else { continue }
            switch notify.type {
            // Told with the payloads that they go with.
            case .natDetectionSourceIP, .natDetectionDestinationIP, .useTransportMode, .rekeySA, .updateSAAddresses:
                break
            case .cookie:
                guard step.isResponse else { break }
                notes.note(
                    sender, " wants this cookie of ", .number(notify.data.count),
                    " bytes back before it does any work (COOKIE): ", other, " is to show that it is at its address")
            case .initialContact:
                notes.note(
                    sender, " has no older SAs with this peer and asks it to drop what it has (INITIAL_CONTACT)")
            case .redirect: notes.note(sender, " sends ", other, " to the gateway ", gateway(notify), " (REDIRECT)")
            default: if notify.type.isError { refusal(notify) } else { others.append(notify) }
            }
        }
        guard !others.isEmpty else { return }
        notes.note { sink in
            sink.write(sender, " notifies: ")
            for (index, notify) in others.prefix(Self.listed).enumerated() {
                if index > 0 { sink.literal(", ") }
                sink.text(notify.type.name ?? "type \(notify.type.rawValue)")
                if let detail = Self.detail(notify.content) { sink.write(" (", .foreign(detail), ")") }
            }
            if others.count > Self.listed { sink.write(" and ", .number(others.count - Self.listed), " more") }
        }
    }

    private func gateway(_ notify: IKEv2.Notify) -> Part {
        guard case .gateway(let gateway, _) = notify.content else { return .unknown }
        return switch gateway {
        case .address(let address): .address(address)
        case .fqdn(let name): .foreign("\"\(name)\"")
        case .other(let type, _): .text("of type \(type)")
        }
    }

    private func refusal(_ notify: IKEv2.Notify) {
        let name: Part = .text(notify.type.name ?? "error \(notify.type.rawValue)")
        notes.warning([sender] + words(of: notify) + [" (", name, ")"])
        if case .clear = message.opening {
            notes.note("it is not protected, so anybody could have sent it")
        }
    }

    private func words(of notify: IKEv2.Notify) -> [Part] {
        switch notify.type {
        case .noProposalChosen: return [" accepts none of the proposals"]
        case .authenticationFailed: return [" says that authentication failed"]
        case .tsUnacceptable: return [" accepts none of the traffic that is asked for"]
        case .invalidKEPayload:
            guard case .group(let group) = notify.content else { return [" wants a public value of another group"] }
            return [" wants a public value of ", .text(Self.name(group))]
        case .temporaryFailure: return [" cannot do this now, and is to be asked again later"]
        case .childSANotFound: return [" does not have the SA ", .hexBytes(notify.spi)]
        case .invalidIKESPI: return [" does not know this IKE SA"]
        case .invalidSPI:
            guard case .spi(let spi) = notify.content else { return [" received a packet with an unknown SPI"] }
            return [" received a packet with the unknown SPI ", .spi(spi)]
        case .noAdditionalSAs: return [" makes no more SAs on this IKE SA"]
        case .internalAddressFailure: return [" has no address to give"]
        case .failedCPRequired: return [" wants to be asked for a configuration"]
        case .invalidSyntax: return [" could not read a message"]
        case .invalidMajorVersion: return [" does not speak this version of IKE"]
        case .invalidMessageID:
            guard case .messageID(let id) = notify.content else { return [" received a message ID out of turn"] }
            return [" received the message ID ", .number(id), " out of turn"]
        case .unsupportedCriticalPayload:
            guard case .payloadType(let type) = notify.content else { return [" does not know a critical payload"] }
            return [" does not know the critical payload ", .text(type.name ?? "\(type.rawValue)")]
        default: return [" reports an error"]
        }
    }

    /// What the data of a notification say, in a few words; nil for bytes that only their sender reads.
    private static func detail(_ content: IKEv2.NotifyContent) -> String? {
        switch content {
        case .bytes, .addressHash, .payloadType, .messageID, .spi, .attributes: return nil
        case .group(let group): return name(group)
        case .windowSize(let size): return "\(size)"
        case .ipComp(let cpi, let transform): return "\(transform.name ?? "\(transform.rawValue)"), CPI \(cpi)"
        case .hashAlgorithms(let hashes):
            return hashes.prefix(listed).map { $0.name ?? "\($0.rawValue)" }.joined(separator: ", ")
        case .address(let address): return "\(address)"
        case .port(let port): return "port \(port)"
        case .seconds(let seconds), .ticket(let seconds, _): return "\(seconds) s"
        case .gateway(.address(let address), _): return "\(address)"
        case .gateway(.fqdn(let text), _): return text
        case .gateway(.other, _): return nil
        case .messageIDSync(let send, let receive): return "sends \(send) next, expects \(receive)"
        case .replayCounter(let delta): return "raised by \(delta)"
        case .passwordMethods(let methods):
            return methods.prefix(listed).map { $0.name ?? "\($0.rawValue)" }.joined(separator: ", ")
        case .puzzle(let prf, let bits): return "\(prf), \(bits) bits"
        case .ppk(let identity, _): return Wording.text(of: identity.identity)
        case .authenticationMethods(let methods):
            return methods.prefix(listed).map { $0.algorithm?.description ?? $0.method.description }
                .joined(separator: ", ")
        case .flags(let flags): return "flags \(flags)"
        case .device(let type, let digits): return "\(type) \(digits)"
        }
    }

    // MARK: EAP

    func eap() {
        for payload in chain.payloads {
            guard case .ikev2(.eap(let eap)) = payload.content else { continue }
            notes.note { sink in
                sink.write(sender, " sends EAP ", .text(eap.code.description), " ", .number(eap.identifier))
                guard let type = eap.type else { return }
                sink.write(": ", .text(type.description))
                if let detail = Self.detail(eap.content) { sink.write(", ", .foreign(detail)) }
            }
        }
    }

    /// What is in the clear of an EAP message; answers of users are not.
    private static func detail(_ content: IKEv2.EAPContent) -> String? {
        switch content {
        case .bytes, .answer: return nil
        case .identity(let text), .notification(let text), .prompt(let text), .md5(let text):
            return text.isEmpty ? nil : "\"\(text)\""
        case .nak(let types): return "wants \(types.prefix(listed).map(\.description).joined(separator: ", "))"
        case .mschapv2(let message):
            return message.text.isEmpty
                ? message.operation.description : "\(message.operation) \"\(message.text)\""
        case .tls(let tls):
            let records = tls.records.prefix(listed).joined(separator: ", ")
            return tls.isStart ? "start" : records.isEmpty ? nil : records
        case .aka(let aka): return aka.identity.map { "\(aka.subtype) \"\($0)\"" } ?? aka.subtype.description
        case .expanded(let vendor, let type): return "vendor \(vendor), type \(type)"
        }
    }

    // MARK: Configuration

    func configuration() {
        for payload in chain.payloads {
            guard case .ikev2(.configuration(let content)) = payload.content else { continue }
            let verb: Part =
                switch content.type {
                case .request: " asks for a configuration: "
                case .reply: " gives a configuration: "
                case .set: " sets a configuration: "
                case .acknowledge: " acknowledges a configuration: "
                default: " sends a configuration: "
                }
            notes.note { sink in
                sink.write(sender, verb)
                for (index, attribute) in content.attributes.prefix(2 * Self.listed).enumerated() {
                    if index > 0 { sink.literal(", ") }
                    write(attribute, to: sink)
                }
                let more = content.attributes.count - 2 * Self.listed
                if more > 0 { sink.write(" and ", .number(more), " more") }
            }
        }
    }

    private func write(_ attribute: Attribute, to sink: ByteSink) {
        let context = AttributeContext.ikev2Configuration
        sink.text(context.name(ofAttribute: attribute.type) ?? "attribute \(attribute.type)")
        guard !attribute.value.isEmpty else { return }
        sink.literal(" ")
        switch attribute.meaning(in: context) {
        case .number(let number): sink.decimal(number)
        case .code(let number, let word): sink.text(word ?? "\(number)")
        case .address(let address): sink.address(address)
        case .text(let text): sink.write("\"", .foreign(text), "\"")
        case .bytes, .structure: sink.untrusted(Wording.text(of: attribute.value))
        }
    }

    // MARK: Vendor IDs

    func vendors() {
        var known: [String] = []
        var unknown = 0
        for payload in chain.payloads {
            guard case .vendorID(let vendor) = payload.content else { continue }
            if let vendor { known.append(vendor.name) } else { unknown += 1 }
        }
        if unknown > 0 { known.append("\(unknown) unknown") }
        if known.isEmpty { return }
        notes.note(sender, " sends vendor IDs: ", .foreign(known.prefix(2 * Self.listed).joined(separator: ", ")))
    }
}
