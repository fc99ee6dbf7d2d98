import ScopeDissect
import ScopeWire

extension Datagram {
    /// Whether it may be a packet of IPsec or IKE itself: a tunnel in a tunnel.
    @inline(__always)
    var mayBeOurs: Bool {
        switch content {
        case .esp, .ah: true
        case .udp(let source, let destination, _):
            source == 500 || destination == 500 || source == 4500 || destination == 4500
        case .tcp(let segment): segment.sourcePort == 4500 || segment.destinationPort == 4500
        case .fragment(let fragment):
            fragment.nextProtocol == .esp || fragment.nextProtocol == .ah || fragment.nextProtocol == .udp
        case .icmpError, .other: false
        }
    }
}
