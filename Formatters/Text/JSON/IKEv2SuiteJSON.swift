import ScopeDissect
import ScopeModel
import ScopeWire

/// What an SA of IKEv2 agreed on, as members of its `transform`, with the numbers of IKEv2's registry; and its traffic.
extension JSONWriter {
    mutating func writeFields(of suite: IKESuite) {
        write(suite.cipher, keyLength: suite.keyLength)
        if let number = suite.prf?.ikev2 { write("prf", "prf_name", number, .prf) }
        write(suite.integrity)
        write(suite.group, and: suite.additionalGroups)
        writeString("text", SuiteText.text(suite))
    }

    mutating func writeFields(of suite: ChildSuite) {
        write(suite.cipher, keyLength: suite.keyLength)
        write(suite.integrity)
        write(suite.group, and: suite.additionalGroups)
        writeBool("esn", suite.hasESN)
        writeString("text", SuiteText.text(suite))
    }

    private mutating func write(_ cipher: Cipher?, keyLength: UInt16?) {
        if let number = cipher?.ikev2 { write("encryption", "encryption_name", number, .encryption) }
        if let keyLength { writeNumber("key_length", keyLength) }
    }

    private mutating func write(_ integrity: Integrity?) {
        if let number = integrity?.ikev2 { write("integrity", "integrity_name", number, .integrity) }
    }

    private mutating func write(_ group: DHGroup?, and more: [DHGroup]) {
        if let group { write("group", "group_name", group.rawValue, .keyExchange) }
        guard !more.isEmpty else { return }
        writeList("additional_groups") { list in for group in more { list.writeElement(group.rawValue) } }
    }

    private mutating func write(
        _ name: StaticString, _ meaning: StaticString, _ number: UInt16, _ type: IKEv2.TransformType
    ) {
        writeNumber(name, number)
        if let word = IKEv2.TransformID.name(of: number, type: type) { writeString(meaning, word) }
    }

    /// Whether packets are carried whole, and whether UDP carries them.
    mutating func writeMode(_ encapsulation: Encapsulation?) {
        switch encapsulation {
        case .tunnel: writeWord("mode", "tunnel")
        case .transport: writeWord("mode", "transport")
        case .tunnelInUDP, .tunnelInUDPDraft: writeWord("mode", "udp-tunnel")
        case .transportInUDP, .transportInUDPDraft: writeWord("mode", "udp-transport")
        case .other, nil: break
        }
    }

    /// What the traffic of a child is, all of it, and whether it is less than was asked for.
    mutating func writeTraffic(of child: IKEv2Child) {
        if let traffic = child.traffic {
            write("initiator_selectors", traffic.initiator)
            write("responder_selectors", traffic.responder)
        }
        if child.isNarrowed { writeBool("narrowed", true) }
        if let rekeyed = child.rekeys { write(rekeyed) }
    }

    /// The SA whose place a negotiation takes.
    mutating func write(_ rekeyed: RekeyedSA) {
        writeObject("rekeys") { json in
            json.write(rekeyed.protocolID)
            json.writeQuoted("spi") { $0.spi(rekeyed.spi) }
        }
    }

    private mutating func write(_ name: StaticString, _ selectors: [TrafficSelector]) {
        writeList(name) { list in
            for selector in selectors {
                list.writeObject { json in
                    if let (first, last) = selector.range {
                        json.writeAddress("first", first)
                        json.writeAddress("last", last)
                    }
                    json.writeNumber("ip_protocol", selector.protocolID)
                    json.writeNumber("first_port", selector.ports.lowerBound)
                    json.writeNumber("last_port", selector.ports.upperBound)
                }
            }
        }
    }
}
