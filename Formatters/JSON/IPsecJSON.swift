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
        numbers(packet.spi, packet.sequence, packet.length)
        switch packet.carrier {
        case .ip: break
        case .udp, .udpEncapsulated: word("encapsulation", "udp")
        case .tcp: word("encapsulation", "tcp")
        }
        verdict(packet.verdict)
        if let inner = packet.inner { write(inner: inner) }
        number("account", packet.account)
        if packet.fragments > 0 { number("fragments", packet.fragments) }
        repetition(packet.repetition)
    }

    mutating func write(_ packet: AHPacket) {
        route(packet.source, packet.destination)
        word("protocol", "ah")
        numbers(packet.spi, packet.sequence, packet.length)
        number("next_header", packet.nextHeader)
        word("integrity", "unchecked")
        if let inner = packet.inner { write(inner: inner) }
        number("account", packet.account)
        repetition(packet.repetition)
    }

    private mutating func numbers(_ spi: UInt32, _ sequence: UInt32, _ length: Int) {
        quoted("spi") { $0.spi(spi) }
        number("sequence", sequence)
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
