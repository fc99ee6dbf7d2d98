import ScopeDissect
import ScopeModel
import ScopeWire

/// ESP and AH packets.
///
/// No `String` is built here: they come by the million.
extension JSONWriter {
    mutating func write(_ packet: ESPPacket) {
        route(packet.source, packet.destination)
        word("protocol", "esp")
        numbers(packet.spi, packet.sequence, packet.finding.sequenceHigh, packet.length)
        switch packet.carrier {
        case .ip: break
        case .udp, .udpEncapsulated: word("encapsulation", "udp")
        case .tcp: word("encapsulation", "tcp")
        }
        verdict(packet.verdict)
        icv(packet.finding.icvLength)
        if packet.finding.hasPaddingFault { bool("padding_fault", true) }
        if let null = packet.nullEncryption { write(null) }
        if let inner = packet.inner { write(inner: inner) }
        number("account", packet.account)
        if packet.fragments > 0 { number("fragments", packet.fragments) }
        placing(packet.step, packet.enclosure, isOutsideSelectors: packet.isOutsideSelectors)
        repetition(packet.repetition)
    }

    mutating func write(_ packet: AHPacket) {
        route(packet.source, packet.destination)
        word("protocol", "ah")
        var found: AHFinding?
        if case .verified(let finding) = packet.verdict { found = finding }
        numbers(packet.spi, packet.sequence, found?.sequenceHigh, packet.length)
        number("next_header", packet.nextHeader)
        switch packet.verdict {
        case .verified: word("integrity", "ok")
        case .badICV: word("integrity", "bad")
        case .noKey:
            word("integrity", "unchecked")
            word("missing", "no key")
        case .cut:
            word("integrity", "unchecked")
            word("missing", "cut by the capture")
        }
        icv(found?.icvLength ?? 0)
        if let inner = packet.inner { write(inner: inner) }
        number("account", packet.account)
        placing(packet.step, packet.enclosure, isOutsideSelectors: packet.isOutsideSelectors)
        repetition(packet.repetition)
    }

    /// The place of a packet among those of its SA, and the SA around it.
    private mutating func placing(_ step: SequenceStep, _ enclosure: Enclosure, isOutsideSelectors: Bool) {
        switch step {
        case .uncounted, .first, .ahead: break
        case .late(let behind): number("late_by", behind)
        case .duplicate(let behind):
            bool("duplicate", true)
            number("behind_by", behind)
        case .forgotten(let behind): number("behind_by", behind)
        }
        if isOutsideSelectors { bool("outside_selectors", true) }
        guard enclosure.depth > 0 else { return }
        number("depth", enclosure.depth)
        number("within", enclosure.account)
    }

    private mutating func icv(_ length: UInt8) {
        if length > 0 { number("icv_bits", Int(length) * 8) }
    }

    private mutating func numbers(_ spi: UInt32, _ sequence: UInt32, _ high: UInt32?, _ length: Int) {
        quoted("spi") { $0.spi(spi) }
        number("sequence", sequence)
        if let high { number("sequence_high", high) }
        number("length", length)
    }

    private mutating func verdict(_ verdict: ESPVerdict) {
        switch verdict {
        case .verified(_, let next):
            bool("decrypted", true)
            word("integrity", "ok")
            number("next_header", next)
        case .unverified(_, let next):
            bool("decrypted", true)
            word("integrity", "unchecked")
            number("next_header", next)
        case .noKey:
            bool("decrypted", false)
            word("integrity", "unchecked")
            word("missing", "no key")
        case .badICV:
            bool("decrypted", false)
            word("integrity", "bad")
        case .malformed(let fault):
            bool("decrypted", false)
            word("malformed", fault.words)
        case .cut:
            bool("decrypted", false)
            word("integrity", "unchecked")
            word("missing", "cut by the capture")
        }
    }

    private mutating func write(inner datagram: Datagram) {
        object("inner") { json in
            json.address("src", datagram.source)
            json.address("dst", datagram.destination)
            let (source, destination) = datagram.ports
            json.ports(source, destination)
            json.quoted("protocol") { InnerLine.write(protocol: datagram.transport, to: $0) }
            json.number("length", datagram.packet.count)
        }
    }
}
