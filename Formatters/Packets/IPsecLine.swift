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
        numbers(packet.spi, packet.sequence, packet.length, to: sink)
        verdict(packet.verdict, to: sink)
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
        repetition(packet.repetition, to: sink)
    }

    static func write(_ packet: AHPacket, to sink: ByteSink) {
        NoticeLine.route(packet.source, packet.destination, to: sink)
        sink.literal("AH spi=")
        numbers(packet.spi, packet.sequence, packet.length, to: sink)
        if let inner = packet.inner {
            sink.byte(UInt8(ascii: " "))
            InnerLine.write(inner, to: sink)
        } else {
            sink.literal(" next=")
            InnerLine.write(protocol: IPProtocol(rawValue: packet.nextHeader), to: sink)
        }
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
        }
    }

    private static func numbers(_ spi: UInt32, _ sequence: UInt32, _ length: Int, to sink: ByteSink) {
        sink.spi(spi)
        sink.literal(" seq=")
        sink.decimal(sequence)
        sink.literal(" len=")
        sink.decimal(length)
    }

    private static func verdict(_ verdict: ESPVerdict, to sink: ByteSink) {
        switch verdict {
        case .noKey: sink.literal(" no key")
        case .verified: sink.literal(" icv=ok")
        case .unverified: sink.literal(" icv=unchecked")
        case .badICV: sink.literal(" icv=bad")
        case .malformed(let fault):
            sink.literal(" malformed: ")
            sink.literal(fault.words)
        case .cut: sink.literal(" cut by the capture")
        }
    }
}

extension ESPVerdict {
    /// What the decrypted trailer says that the payload is; nil where nothing was decrypted.
    var nextHeader: UInt8? {
        switch self {
        case .verified(_, let next), .unverified(_, let next): next
        case .noKey, .badICV, .malformed, .cut: nil
        }
    }
}

extension ESPFault {
    var words: StaticString {
        switch self {
        case .tooShort: "too short"
        case .notBlockAligned: "no whole number of cipher blocks"
        case .padLength: "pad length beyond the packet"
        case .padBytes: "wrong padding"
        }
    }
}
