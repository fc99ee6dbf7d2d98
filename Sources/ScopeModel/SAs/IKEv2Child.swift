import ScopeDissect
import ScopeWire

/// What IKEv2 alone says of the negotiation of a child SA.
///
/// It never changes: an answer makes another one. It is copied with each event of its negotiation, so it is one reference.
public final class IKEv2Child: Sendable {
    /// What was offered and what was taken of it, as it was sent.
    public let offer: IKEv2.SAPayload?
    public let answer: IKEv2.SAPayload?
    /// The traffic that was asked for, and that of the answer, which may be less.
    public let asked: ChildTraffic?
    public let granted: ChildTraffic?
    /// USE_TRANSPORT_MODE: asked for by the request, or agreed to by the answer where there is one.
    public let isTransport: Bool
    /// The SA whose place it takes, as N(REKEY_SA) names it (RFC 7296 section 1.3.3); nil of a new one.
    public let rekeys: RekeyedSA?
    /// The responder took a PPK for the keys of this child, N(PPK_IDENTITY) in its answer (RFC 9867 section 3.2).
    public let mixesPPK: Bool
    /// The first selector of each side of `traffic`, in the form in which IKEv1 names traffic.
    let proxies: ProxyIdentities?

    public init(
        offer: IKEv2.SAPayload?, answer: IKEv2.SAPayload? = nil, asked: ChildTraffic?, granted: ChildTraffic? = nil,
        isTransport: Bool = false, rekeys: RekeyedSA? = nil, mixesPPK: Bool = false
    ) {
        self.offer = offer
        self.answer = answer
        self.asked = asked
        self.granted = granted
        self.isTransport = isTransport
        self.rekeys = rekeys
        self.mixesPPK = mixesPPK
        proxies = (granted ?? asked).flatMap { ProxyIdentities($0) }
    }

    /// The same negotiation with its answer.
    public func answered(
        by answer: IKEv2.SAPayload?, granted: ChildTraffic?, isTransport: Bool, mixesPPK: Bool
    ) -> IKEv2Child {
        IKEv2Child(
            offer: offer, answer: answer, asked: asked, granted: granted,
            isTransport: self.isTransport && isTransport, rekeys: rekeys, mixesPPK: mixesPPK)
    }

    /// The same without the offers, which may be large.
    public var settled: IKEv2Child {
        IKEv2Child(
            offer: nil, answer: nil, asked: asked, granted: granted, isTransport: isTransport, rekeys: rekeys,
            mixesPPK: mixesPPK)
    }

    public var traffic: ChildTraffic? { granted ?? asked }

    /// The answer leaves out some of the traffic that was asked for (RFC 7296 section 2.9).
    public var isNarrowed: Bool {
        guard let asked, let granted else { return false }
        return !granted.contains(asked)
    }
}

/// A child SA that is to be replaced: the SPI under which the side receives that begins the exchange.
public struct RekeyedSA: Hashable, Sendable {
    public var protocolID: SecurityProtocol
    public var spi: UInt32

    public init(protocolID: SecurityProtocol, spi: UInt32) {
        self.protocolID = protocolID
        self.spi = spi
    }
}

extension TrafficSelector {
    /// A selector of IKEv2 (RFC 7296 section 3.13.1).
    ///
    /// Ports that are OPAQUE are any. A label, and a type that is not decoded, names no addresses.
    public init(_ selector: IKEv2.TrafficSelector) {
        switch selector.content {
        case .addresses(let from, let to, let first, let last):
            self.init(
                from.isV6 == to.isV6 && from <= to ? .range(from, to) : .named(.range(from, to)),
                protocolID: selector.protocolID, ports: first <= last ? first...last : 0...(.max))
        case .securityLabel(let bytes), .other(let bytes):
            self.init(.named(.other(bytes)), protocolID: selector.protocolID)
        }
    }
}

extension ChildNegotiation {
    /// What IKEv2 agreed on: one for each proposal of the answer.
    ///
    /// - Parameter inUDP: the message came in UDP with the marker of RFC 3948, as the packets of its SAs will.
    public func agreements(inUDP: Bool) -> [Agreement] {
        guard let child = self.v2 else { return [] }
        return (child.answer?.proposals ?? []).map { chosen in
            let offered = child.offer?.proposals.first {
                $0.number == chosen.number && $0.protocolID == chosen.protocolID
            }
            var suite = ChildSuite(chosen)
            suite.encapsulation =
                switch (child.isTransport, inUDP) {
                case (false, false): .tunnel
                case (false, true): .tunnelInUDP
                case (true, false): .transport
                case (true, true): .transportInUDP
                }
            return Agreement(
                suite: suite, spiToInitiator: offered?.spiNumber, spiToResponder: chosen.spiNumber)
        }
    }
}

extension IKEv2Child {
    /// Bytes that it holds, about.
    var footprint: Int {
        var sum = 128 + (offer.map { IKEv2.Content.sa($0).footprint } ?? 0)
        sum += answer.map { IKEv2.Content.sa($0).footprint } ?? 0
        for traffic in [asked, granted] {
            sum += ((traffic?.initiator.count ?? 0) + (traffic?.responder.count ?? 0)) * 96
        }
        return sum
    }
}

extension ProxyIdentities {
    /// The first selector of each side; nil where a side has none.
    fileprivate convenience init?(_ traffic: ChildTraffic) {
        guard let initiator = traffic.initiator.first, let responder = traffic.responder.first else { return nil }
        self.init(initiator: IdentificationPayload(initiator), responder: IdentificationPayload(responder))
    }
}

extension IdentificationPayload {
    /// A selector in the form in which IKEv1 names traffic (RFC 2407 section 4.6.2); of several ports it names none.
    fileprivate init(_ selector: TrafficSelector) {
        let (type, identity): (IdentificationType, Identity) =
            switch selector.addresses {
            case .named(let identity): (.keyID, identity)
            case .range(let low, let high) where low == high: (low.isV6 ? .ipv6 : .ipv4, .address(low))
            case .range(let low, let high):
                if let mask = Self.mask(low, high) {
                    (low.isV6 ? .ipv6Subnet : .ipv4Subnet, .subnet(low, mask: mask))
                } else {
                    (low.isV6 ? .ipv6Range : .ipv4Range, .range(low, high))
                }
            }
        self.init(
            type: type, protocolID: selector.protocolID,
            port: selector.ports.lowerBound == selector.ports.upperBound ? selector.ports.lowerBound : 0, data: 0..<0,
            identity: identity)
    }

    /// The mask of the network that the range is; nil of any other range.
    private static func mask(_ low: IPAddress, _ high: IPAddress) -> IPAddress? {
        let (top, bottom) = (low.high ^ high.high, low.low ^ high.low)
        // The bits that differ are the last ones, all of them.
        let isNetwork =
            top == 0
            ? bottom & (bottom &+ 1) == 0 && low.low & bottom == 0
            : top & (top &+ 1) == 0 && low.high & top == 0 && bottom == .max && low.low == 0
        guard isNetwork else { return nil }
        return low.isV6
            ? IPAddress(v6high: ~top, low: ~bottom) : IPAddress(v4: ~UInt32(truncatingIfNeeded: bottom))
    }
}
