import ScopeDissect
import ScopeModel
import ScopeWire

/// The line of an ESP or AH packet.
///
/// No `String` is built here: such packets come by the million.
enum IPsecLine {
    static func write(_ packet: ESPPacket, to sink: ByteSink) {
        NoticeLine.route(packet.source, packet.destination, to: sink)
        switch packet.carrier {
        case .ip: sink.literal("ESP spi=")
        case .udp, .udpEncapsulated: sink.literal("ESP-in-UDP spi=")
        case .tcp: sink.literal("ESP-in-TCP spi=")
        }
        numbers(packet.spi, packet.sequence, packet.finding.sequenceHigh, packet.length, to: sink)
        verdict(packet, to: sink)
        if let inner = packet.inner {
            sink.byte(UInt8(ascii: " "))
            InnerLine.write(inner, to: sink)
        } else if let next = packet.verdict.nextHeader {
            sink.literal(next == IPProtocol.noNext.rawValue ? " dummy packet" : " next=")
            if next != IPProtocol.noNext.rawValue { InnerLine.write(protocol: IPProtocol(rawValue: next), to: sink) }
        }
        if packet.fragments > 0 {
            sink.literal(" fragments=")
            sink.decimal(packet.fragments)
        }
        if packet.finding.hasPaddingFault { sink.literal(" wrong padding") }
        placing(packet.step, packet.enclosure, isOutsideSelectors: packet.isOutsideSelectors, to: sink)
        repetition(packet.repetition, to: sink)
    }

    static func write(_ packet: AHPacket, to sink: ByteSink) {
        NoticeLine.route(packet.source, packet.destination, to: sink)
        sink.literal("AH spi=")
        var high: UInt32?
        if case .verified(let finding) = packet.verdict { high = finding.sequenceHigh }
        numbers(packet.spi, packet.sequence, high, packet.length, to: sink)
        verdict(packet.verdict, to: sink)
        if let inner = packet.inner {
            sink.byte(UInt8(ascii: " "))
            InnerLine.write(inner, to: sink)
        } else {
            sink.literal(" next=")
            InnerLine.write(protocol: IPProtocol(rawValue: packet.nextHeader), to: sink)
        }
        placing(packet.step, packet.enclosure, isOutsideSelectors: packet.isOutsideSelectors, to: sink)
        repetition(packet.repetition, to: sink)
    }

    static func repetition(_ repetition: IKEMessage.Repetition, to sink: ByteSink) {
        switch repetition {
        case .first: break
        case .retransmission(let frame, let count):
            sink.literal(" retransmission ")
            sink.decimal(count)
            sink.literal(" of #")
            sink.decimal(frame)
        case .sighting(let frame):
            sink.literal(" seen before as #")
            sink.decimal(frame)
        case .reflection(let frame):
            sink.literal(" sent back as it came in #")
            sink.decimal(frame)
        }
    }

    /// The place of a packet among those of its SA, and the SA around it.
    private static func placing(
        _ step: SequenceStep, _ enclosure: Enclosure, isOutsideSelectors: Bool, to sink: ByteSink
    ) {
        switch step {
        case .uncounted, .refused, .first, .ahead: break
        case .late(let behind):
            sink.literal(" late by ")
            sink.decimal(behind)
        case .duplicate(let behind):
            sink.literal(" duplicate")
            guard behind > 0 else { break }
            sink.literal(", behind by ")
            sink.decimal(behind)
        case .forgotten(let behind):
            sink.literal(" behind by ")
            sink.decimal(behind)
        }
        if isOutsideSelectors { sink.literal(" outside the negotiated selectors") }
        if enclosure.depth > 0 {
            sink.literal(" inside SA ")
            sink.decimal(enclosure.account)
        }
    }

    private static func numbers(
        _ spi: UInt32, _ sequence: UInt32, _ high: UInt32?, _ length: Int, to sink: ByteSink
    ) {
        sink.spi(spi)
        sink.literal(" seq=")
        sink.decimal(sequence)
        if let high {
            sink.literal(" high=")
            sink.decimal(high)
        }
        sink.literal(" len=")
        sink.decimal(length)
    }

    private static func verdict(_ verdict: AHVerdict, to sink: ByteSink) {
        switch verdict {
        case .noKey: sink.literal(" no key")
        case .verified(let finding): right(finding.icvLength, finding.isICVLengthUnusual, to: sink)
        case .badICV: sink.literal(" icv=bad")
        case .cut: sink.literal(" cut by the capture")
        }
    }

    private static func right(_ length: UInt8, _ isUnusual: Bool, to sink: ByteSink) {
        sink.literal(" icv=ok")
        guard isUnusual else { return }
        sink.literal(" (")
        sink.decimal(Int(length) * 8)
        sink.literal(" bits)")
    }

    private static func verdict(_ packet: ESPPacket, to sink: ByteSink) {
        switch packet.verdict {
        case .noKey: sink.literal(" no key")
        case .verified: right(packet.finding.icvLength, packet.finding.isICVLengthUnusual, to: sink)
        case .unverified:
            sink.literal(" icv=unchecked")
            guard let null = packet.nullEncryption else { return }
            sink.literal(null.hasIV ? " an IV and no encryption (" : " NULL encryption (")
            sink.literal(null.certainty.word)
            sink.literal(", ICV of ")
            sink.decimal(Int(null.icvLength) * 8)
            sink.literal(" bits)")
        case .badICV: sink.literal(" icv=bad")
        case .malformed(let fault):
            sink.literal(" malformed: ")
            sink.literal(fault.words)
        case .cut: sink.literal(" cut by the capture")
        }
    }
}
