import ScopeDissect
import ScopeWire

/// Traffic of one side of a child SA: addresses, a protocol and ports.
///
/// This is the one answer to "the same traffic": two selectors are equal when they hold the same packets, however they were
/// written.
public struct TrafficSelector: Hashable, Sendable {
    public enum Addresses: Hashable, Sendable {
        /// The first one is not above the last.
        case range(IPAddress, IPAddress)
        /// What names no addresses, or a range that ends before it begins.
        case named(Identity)
    }

    public var addresses: Addresses
    /// 0 for any.
    public var protocolID: UInt8
    /// 0 to 65535 for any, and where the protocol is any.
    public var ports: ClosedRange<UInt16>

    public init(_ addresses: Addresses, protocolID: UInt8 = 0, ports: ClosedRange<UInt16> = 0...(.max)) {
        self.addresses = addresses
        self.protocolID = protocolID
        self.ports = protocolID == 0 ? 0...(.max) : ports
    }

    public init(_ address: IPAddress) { self.init(.range(address, address)) }

    /// An identity of IKEv1's Quick Mode (RFC 2407 section 4.6.2): port 0 is any.
    public init(_ identification: IdentificationPayload) {
        let port = identification.port
        self.init(
            Addresses(identification.identity), protocolID: identification.protocolID,
            ports: port == 0 ? 0...(.max) : port...port)
    }

    /// The first and the last address; nil where no addresses are named.
    public var range: (low: IPAddress, high: IPAddress)? {
        if case .range(let low, let high) = addresses { (low, high) } else { nil }
    }

    /// Half of all addresses of its kind or more, with any protocol.
    public var isAll: Bool {
        guard protocolID == 0, let (low, high) = range else { return false }
        return low.isV6 ? high.high - low.high >= UInt64.max / 2 : high.low - low.low >= UInt64(UInt32.max / 2)
    }

    @inlinable public func contains(_ address: IPAddress) -> Bool {
        guard case .range(let low, let high) = addresses else { return false }
        return address.isV6 == low.isV6 && (low.high, low.low) <= (address.high, address.low)
            && (address.high, address.low) <= (high.high, high.low)
    }

    /// Whether all traffic of `other` is its own.
    public func contains(_ other: TrafficSelector) -> Bool {
        guard let (low, high) = other.range else { return self == other }
        return contains(low) && contains(high) && (protocolID == 0 || protocolID == other.protocolID)
            && ports.contains(other.ports)
    }
}

extension TrafficSelector.Addresses {
    public init(_ identity: Identity) {
        switch identity {
        case .address(let address): self = .range(address, address)
        case .range(let first, let last) where first.isV6 == last.isV6 && first <= last: self = .range(first, last)
        case .subnet(let net, let mask) where net.isV6 == mask.isV6:
            if net.isV6 {
                self = .range(
                    IPAddress(v6high: net.high & mask.high, low: net.low & mask.low),
                    IPAddress(v6high: net.high | ~mask.high, low: net.low | ~mask.low))
            } else {
                let (address, bits) = (UInt32(truncatingIfNeeded: net.low), UInt32(truncatingIfNeeded: mask.low))
                self = .range(IPAddress(v4: address & bits), IPAddress(v4: address | ~bits))
            }
        case .range, .subnet, .fqdn, .userFQDN, .distinguishedName, .keyID, .other: self = .named(identity)
        }
    }
}

/// The traffic of a child SA: packets between one of each side.
public struct ChildTraffic: Hashable, Sendable {
    /// Of the side that began the negotiation.
    ///
    /// IKEv1 has one selector of each side.
    public var initiator: [TrafficSelector]
    public var responder: [TrafficSelector]

    public init(initiator: [TrafficSelector], responder: [TrafficSelector]) {
        self.initiator = initiator
        self.responder = responder
    }

    /// The same traffic, as the other side would ask for it.
    public var mirrored: ChildTraffic { ChildTraffic(initiator: responder, responder: initiator) }

    /// Whether all traffic of `other` is its own.
    public func contains(_ other: ChildTraffic) -> Bool {
        other.initiator.allSatisfy { theirs in initiator.contains { $0.contains(theirs) } }
            && other.responder.allSatisfy { theirs in responder.contains { $0.contains(theirs) } }
    }
}

/// The identities of IKEv1's Quick Mode, as they were sent: IDci of the side that began it, and IDcr (RFC 2409 section 5.5).
///
/// They are large, never change, and are copied with each event of their negotiation: so they are one reference.
public final class ProxyIdentities: Sendable {
    public let initiator: IdentificationPayload
    public let responder: IdentificationPayload

    public init(initiator: IdentificationPayload, responder: IdentificationPayload) {
        self.initiator = initiator
        self.responder = responder
    }

    public var traffic: ChildTraffic {
        ChildTraffic(initiator: [TrafficSelector(initiator)], responder: [TrafficSelector(responder)])
    }
}
