import ScopeDissect
import ScopeModel
import ScopeWire

/// What one SA was negotiated for, in the direction of its packets.
final class DirectedTraffic {
    private let source: [TrafficSelector]
    private let destination: [TrafficSelector]

    /// Of the SA under `spi`; nil where no addresses were named, or a range that ends before it begins.
    init?(_ child: ChildSA, spi: UInt32) {
        guard let traffic = child.negotiation.traffic else { return nil }
        guard traffic.initiator.allSatisfy({ $0.range != nil }), traffic.responder.allSatisfy({ $0.range != nil })
        else { return nil }
        let isToInitiator = child.spiToInitiator == spi
        source = isToInitiator ? traffic.responder : traffic.initiator
        destination = isToInitiator ? traffic.initiator : traffic.responder
    }

    /// For any packet between any two.
    var isForAll: Bool { source.contains(where: \.isAll) && destination.contains(where: \.isAll) }

    func isSame(as other: DirectedTraffic) -> Bool { source == other.source && destination == other.destination }

    /// Whether packets between the two may be some that the SA is for.
    func holds(_ from: IPAddress, _ to: IPAddress) -> Bool {
        source.contains { $0.contains(from) } && destination.contains { $0.contains(to) }
    }

    /// Whether the IP packet at `whole` is one that the SA is for; `datagram` is what it carries.
    func admits(_ whole: Range<Int>, _ datagram: Datagram, _ bytes: RawSpan) -> Bool {
        // What was reached inside GRE and the like has other addresses than the packet itself.
        guard let ends = Self.ends(whole, datagram, bytes) else { return true }
        guard datagram.packet.lowerBound == whole.lowerBound else { return holds(ends.source, ends.destination) }
        let ports = datagram.knownPorts
        return source.contains { $0.contains(ends.source) && $0.admits(datagram, port: ports?.0) }
            && destination.contains { $0.contains(ends.destination) && $0.admits(datagram, port: ports?.1) }
    }

    private static func ends(
        _ whole: Range<Int>, _ datagram: Datagram, _ bytes: RawSpan
    ) -> (source: IPAddress, destination: IPAddress)? {
        if datagram.packet.lowerBound == whole.lowerBound { return (datagram.source, datagram.destination) }
        var reader = ByteReader(bytes, in: whole, limit: .plaintext)
        let isV6 = reader.peek(bytes).map { $0 >> 4 == 6 } ?? false
        do throws(DecodeError) {
            _ = try reader.bytes("header", count: isV6 ? 8 : 12)
            return isV6
                ? (try reader.ipv6(bytes, "source"), try reader.ipv6(bytes, "destination"))
                : (try reader.ipv4(bytes, "source"), try reader.ipv4(bytes, "destination"))
        } catch { return nil }
    }
}

extension TrafficSelector {
    /// Whether protocol and port of `datagram` are its own, as far as they are known.
    fileprivate func admits(_ datagram: Datagram, port: UInt16?) -> Bool {
        guard protocolID != 0, datagram.isTransportKnown else { return true }
        guard datagram.transport.rawValue == protocolID else { return false }
        return port.map(ports.contains) ?? true
    }
}

extension Datagram {
    /// False in later fragments of IPv6, whose first one has headers that these lack.
    fileprivate var isTransportKnown: Bool {
        if case .fragment(let fragment) = content { fragment.offset == 0 || !source.isV6 } else { true }
    }

    fileprivate var knownPorts: (UInt16, UInt16)? {
        switch content {
        case .udp(let source, let destination, _): (source, destination)
        case .tcp(let segment): (segment.sourcePort, segment.destinationPort)
        case .esp, .ah, .icmpError, .fragment, .other: nil
        }
    }
}
