import ScopeDissect
import ScopeModel
import ScopeWire

/// ESP and AH packets.
///
/// No `String` is built here: they come by the million.
extension JSONWriter {
    mutating func write(_ packet: ESPPacket) {
        writeRoute(packet.source, packet.destination)
        writeWord("protocol", "esp")
        writeNumbers(packet.spi, packet.sequence, packet.finding.sequenceHigh, packet.length)
        switch packet.carrier {
        case .ip: break
        case .udp, .udpEncapsulated: writeWord("encapsulation", "udp")
        case .tcp: writeWord("encapsulation", "tcp")
        }
        writeVerdict(packet.verdict)
        writeICV(packet.finding.icvLength)
        if packet.finding.hasPaddingFault { writeBool("padding_fault", true) }
        if let null = packet.nullEncryption { write(null) }
        if let inner = packet.inner { write(inner: inner) }
        writeNumber("account", packet.account)
        if packet.fragments > 0 { writeNumber("fragments", packet.fragments) }
        writePlacing(packet.step, packet.enclosure, isOutsideSelectors: packet.isOutsideSelectors)
        writeRepetition(packet.repetition)
    }

    mutating func write(_ packet: AHPacket) {
        writeRoute(packet.source, packet.destination)
        writeWord("protocol", "ah")
        var found: AHFinding?
        if case .verified(let finding) = packet.verdict { found = finding }
        writeNumbers(packet.spi, packet.sequence, found?.sequenceHigh, packet.length)
        writeNumber("next_header", packet.nextHeader)
        switch packet.verdict {
        case .verified: writeWord("integrity", "ok")
        case .badICV: writeWord("integrity", "bad")
        case .noKey:
            writeWord("integrity", "unchecked")
            writeWord("missing", "no key")
        case .cut:
            writeWord("integrity", "unchecked")
            writeWord("missing", "cut by the capture")
        }
        writeICV(found?.icvLength ?? 0)
        if let inner = packet.inner { write(inner: inner) }
        writeNumber("account", packet.account)
        writePlacing(packet.step, packet.enclosure, isOutsideSelectors: packet.isOutsideSelectors)
        writeRepetition(packet.repetition)
    }

    /// The place of a packet among those of its SA, and the SA around it.
    private mutating func writePlacing(_ step: SequenceStep, _ enclosure: Enclosure, isOutsideSelectors: Bool) {
        switch step {
        case .uncounted, .refused, .first, .ahead: break
        case .late(let behind): writeNumber("late_by", behind)
        case .duplicate(let behind):
            writeBool("duplicate", true)
            writeNumber("behind_by", behind)
        case .forgotten(let behind): writeNumber("behind_by", behind)
        }
        if isOutsideSelectors { writeBool("outside_selectors", true) }
        guard enclosure.depth > 0 else { return }
        writeNumber("depth", enclosure.depth)
        writeNumber("within", enclosure.account)
    }

    private mutating func writeICV(_ length: UInt8) {
        if length > 0 { writeNumber("icv_bits", Int(length) * 8) }
    }

    private mutating func writeNumbers(_ spi: UInt32, _ sequence: UInt32, _ high: UInt32?, _ length: Int) {
        writeQuoted("spi") { $0.spi(spi) }
        writeNumber("sequence", sequence)
        if let high { writeNumber("sequence_high", high) }
        writeNumber("length", length)
    }

    private mutating func writeVerdict(_ verdict: ESPVerdict) {
        switch verdict {
        case .verified(_, let next):
            writeBool("decrypted", true)
            writeWord("integrity", "ok")
            writeNumber("next_header", next)
        case .unverified(_, let next):
            writeBool("decrypted", true)
            writeWord("integrity", "unchecked")
            writeNumber("next_header", next)
        case .noKey:
            writeBool("decrypted", false)
            writeWord("integrity", "unchecked")
            writeWord("missing", "no key")
        case .badICV:
            writeBool("decrypted", false)
            writeWord("integrity", "bad")
        case .malformed(let fault):
            writeBool("decrypted", false)
            writeWord("malformed", fault.words)
        case .cut:
            writeBool("decrypted", false)
            writeWord("integrity", "unchecked")
            writeWord("missing", "cut by the capture")
        }
    }

    private mutating func write(inner datagram: Datagram) {
        writeObject("inner") { json in
            json.writeAddress("src", datagram.source)
            json.writeAddress("dst", datagram.destination)
            let (source, destination) = datagram.ports
            json.writePorts(source, destination)
            json.writeQuoted("protocol") { InnerLine.write(protocol: datagram.transport, to: $0) }
            json.writeNumber("length", datagram.packet.count)
        }
    }
}
