import ScopeDissect
import ScopeModel
import ScopeWire

/// What one SA was negotiated for, in the direction of its packets.
final class DirectedTraffic {
    /// One selector: IKEv1 has no more of each side, so the first is looked at without a list.
    private struct Side: Equatable {
        let low: IPAddress
        let high: IPAddress
        let protocolID: UInt8
        let firstPort: UInt16
        let lastPort: UInt16

        init?(_ selector: TrafficSelector) {
            guard let (low, high) = selector.range else { return nil }
            (self.low, self.high, protocolID) = (low, high, selector.protocolID)
            (firstPort, lastPort) = (selector.ports.lowerBound, selector.ports.upperBound)
        }

        @inline(__always) func holds(_ address: IPAddress) -> Bool {
            address.isV6 == low.isV6 && (low.high, low.low) <= (address.high, address.low)
                && (address.high, address.low) <= (high.high, high.low)
        }

        /// Whether protocol and port of `datagram` are its own, as far as they are known.
        @inline(__always) func admits(_ datagram: Datagram, port: UInt16?) -> Bool {
            guard protocolID != 0, datagram.isTransportKnown else { return true }
            guard datagram.transport.rawValue == protocolID else { return false }
            return port.map { firstPort <= $0 && $0 <= lastPort } ?? true
        }
    }

    private let source: Side
    private let destination: Side
    private let moreSources: [Side]
    private let moreDestinations: [Side]
    /// For any packet between any two.
    let isForAll: Bool
    /// One selector of each side, with any protocol: addresses alone decide.
    private let isPlain: Bool

    /// Of the SA under `spi`; nil where no addresses were named, or a range that ends before it begins.
    init?(_ child: ChildSA, spi: UInt32) {
        guard let traffic = child.negotiation.traffic else { return nil }
        let directed = child.spiToInitiator == spi ? traffic.mirrored : traffic
        let sources = directed.initiator.compactMap(Side.init)
        let destinations = directed.responder.compactMap(Side.init)
        guard sources.count == directed.initiator.count, destinations.count == directed.responder.count,
            let source = sources.first, let destination = destinations.first
        else { return nil }
        (self.source, moreSources) = (source, Array(sources.dropFirst()))
        (self.destination, moreDestinations) = (destination, Array(destinations.dropFirst()))
        isPlain =
            sources.count == 1 && destinations.count == 1 && source.protocolID == 0 && destination.protocolID == 0
        isForAll = directed.initiator.contains(where: \.isAll) && directed.responder.contains(where: \.isAll)
    }

    func isSame(as other: DirectedTraffic) -> Bool {
        source == other.source && destination == other.destination && moreSources == other.moreSources
            && moreDestinations == other.moreDestinations
    }

    /// Whether packets between the two may be some that the SA is for.
    func holds(_ from: IPAddress, _ to: IPAddress) -> Bool {
        (source.holds(from) || moreSources.contains { $0.holds(from) })
            && (destination.holds(to) || moreDestinations.contains { $0.holds(to) })
    }

    /// Whether the IP packet at `whole` is one that the SA is for; `datagram` is what it carries.
    func admits(_ whole: Range<Int>, _ datagram: Datagram, _ bytes: RawSpan) -> Bool {
        if isPlain, datagram.packet.lowerBound == whole.lowerBound {
            return source.holds(datagram.source) && destination.holds(datagram.destination)
        }
        // What was reached inside GRE and the like has other addresses than the packet itself.
        guard let ends = Self.ends(whole, datagram, bytes) else { return true }
        guard datagram.packet.lowerBound == whole.lowerBound else { return holds(ends.source, ends.destination) }
        let ports = datagram.knownPorts
        func admits(_ side: Side, _ address: IPAddress, _ port: UInt16?) -> Bool {
            side.holds(address) && side.admits(datagram, port: port)
        }
        return (admits(source, ends.source, ports?.0) || moreSources.contains { admits($0, ends.source, ports?.0) })
            && (admits(destination, ends.destination, ports?.1)
                || moreDestinations.contains { admits($0, ends.destination, ports?.1) })
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
