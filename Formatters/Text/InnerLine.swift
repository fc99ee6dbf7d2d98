import ScopeDissect
import ScopeModel
import ScopeWire

/// A packet inside a tunnel, in short: `192.168.1.10:4711 → 192.168.2.20:80 tcp len=60`.
enum InnerLine {
    static func write(_ datagram: Datagram, to sink: ByteSink) {
        let (source, destination) = datagram.ports
        sink.endpoint(Endpoint(datagram.source, port: source))
        sink.literal(" → ")
        sink.endpoint(Endpoint(datagram.destination, port: destination))
        sink.byte(UInt8(ascii: " "))
        write(protocol: datagram.transport, to: sink)
        if case .fragment(let fragment) = datagram.content {
            sink.literal(" fragment at ")
            sink.decimal(fragment.offset)
        }
        sink.literal(" len=")
        sink.decimal(datagram.packet.count)
    }

    /// The names that come by the million are written without a look-up.
    static func write(protocol number: IPProtocol, to sink: ByteSink) {
        switch number {
        case .tcp: sink.literal("tcp")
        case .udp: sink.literal("udp")
        case .icmp: sink.literal("icmp")
        case .icmpv6: sink.literal("icmpv6")
        case .esp: sink.literal("esp")
        case .ah: sink.literal("ah")
        case .gre: sink.literal("gre")
        case .ipv4: sink.literal("ipv4")
        case .ipv6: sink.literal("ipv6")
        default:
            if let name = number.name { return sink.text(name) }
            sink.literal("protocol-")
            sink.decimal(number.rawValue)
        }
    }
}
