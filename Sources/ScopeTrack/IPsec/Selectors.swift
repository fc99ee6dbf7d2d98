import ScopeDissect
import ScopeModel
import ScopeWire

/// What one SA was negotiated for: the identities that the two sides of the Quick Mode gave (RFC 2409 section 5.5), in the
/// direction of its packets.
final class Selectors {
    private struct Side: Equatable {
        /// Not above `high`.
        var low: IPAddress
        var high: IPAddress
        /// 0: any.
        var protocolID: UInt8
        var port: UInt16

        init?(_ identification: IdentificationPayload) {
            protocolID = identification.protocolID
            port = identification.port
            switch identification.identity {
            case .address(let address): (low, high) = (address, address)
            case .range(let first, let last) where first.isV6 == last.isV6 && first <= last:
                (low, high) = (first, last)
            case .subnet(let net, let mask) where net.isV6 == mask.isV6:
                if net.isV6 {
                    low = IPAddress(v6high: net.high & mask.high, low: net.low & mask.low)
                    high = IPAddress(v6high: net.high | ~mask.high, low: net.low | ~mask.low)
                } else {
                    let (address, bits) = (
                        UInt32(truncatingIfNeeded: net.low), UInt32(truncatingIfNeeded: mask.low)
                    )
                    low = IPAddress(v4: address & bits)
                    high = IPAddress(v4: address | ~bits)
                }
            case .range, .subnet, .fqdn, .userFQDN, .distinguishedName, .keyID, .other: return nil
            }
        }

        /// Half of all addresses or more.
        var isAll: Bool {
            protocolID == 0
                && (low.isV6 ? high.high - low.high >= UInt64.max / 2 : high.low - low.low >= UInt64(UInt32.max / 2))
        }

        func holds(_ address: IPAddress) -> Bool {
            address.isV6 == low.isV6 && (low.high, low.low) <= (address.high, address.low)
                && (address.high, address.low) <= (high.high, high.low)
        }

        func holds(_ datagram: Datagram, port number: UInt16?) -> Bool {
            guard protocolID != 0 else { return true }
            guard datagram.isTransportKnown else { return true }
            guard datagram.transport.rawValue == protocolID else { return false }
            guard port != 0, let number else { return true }
            return port == number
        }
    }

    private let source: Side
    private let destination: Side

    /// Of the SA under `spi`; nil where the Quick Mode named no addresses, or a range that ends before it begins.
    init?(_ pair: ChildSA, spi: UInt32) {
        guard let initiator = pair.quickMode.initiatorProxy.flatMap(Side.init),
            let responder = pair.quickMode.responderProxy.flatMap(Side.init)
        else { return nil }
        let isToInitiator = pair.spiToInitiator == spi
        source = isToInitiator ? responder : initiator
        destination = isToInitiator ? initiator : responder
    }

    /// For any packet between any two.
    var areForAll: Bool { source.isAll && destination.isAll }

    func areLike(_ other: Selectors) -> Bool { source == other.source && destination == other.destination }

    /// Whether packets between the two may be some that the SA is for.
    func hold(_ from: IPAddress, _ to: IPAddress) -> Bool { source.holds(from) && destination.holds(to) }

    /// Whether the IP packet at `whole` is one that the SA is for; `datagram` is what it carries.
    func admit(_ whole: Range<Int>, _ datagram: Datagram, _ bytes: RawSpan) -> Bool {
        // What was reached inside GRE and the like has other addresses than the packet itself.
        guard let ends = Self.ends(whole, datagram, bytes) else { return true }
        guard source.holds(ends.source), destination.holds(ends.destination) else { return false }
        guard datagram.packet.lowerBound == whole.lowerBound else { return true }
        let ports = datagram.knownPorts
        return source.holds(datagram, port: ports?.0) && destination.holds(datagram, port: ports?.1)
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
