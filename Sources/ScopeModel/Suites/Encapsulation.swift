/// What of a packet an SA protects, and what carries it.
public enum Encapsulation: Hashable, Sendable {
    case tunnel, transport, tunnelInUDP, transportInUDP
    /// As the drafts before RFC 3947 numbered them.
    case tunnelInUDPDraft, transportInUDPDraft
    /// A number that the registry it was read from does not know.
    case other(UInt16)

    public var isTransport: Bool {
        switch self {
        case .transport, .transportInUDP, .transportInUDPDraft: true
        case .tunnel, .tunnelInUDP, .tunnelInUDPDraft, .other: false
        }
    }

    public var isTunnel: Bool {
        switch self {
        case .tunnel, .tunnelInUDP, .tunnelInUDPDraft: true
        case .transport, .transportInUDP, .transportInUDPDraft, .other: false
        }
    }

    public var isInUDP: Bool {
        switch self {
        case .tunnelInUDP, .transportInUDP, .tunnelInUDPDraft, .transportInUDPDraft: true
        case .tunnel, .transport, .other: false
        }
    }

    /// The same mode, without UDP around it.
    public var withoutUDP: Encapsulation { isTunnel ? .tunnel : isTransport ? .transport : self }
}

extension Encapsulation: Registered {
    var unknownNumber: UInt16? { if case .other(let number) = self { number } else { nil } }

    /// By the Encapsulation-Mode attribute of IKEv1's phase 2 (RFC 2407 section 4.5, RFC 3947 section 5.1 and its
    /// drafts).
    ///
    /// IKEv2 has no number for it: tunnel mode, unless USE_TRANSPORT_MODE was agreed (RFC 7296 section 1.3.1).
    public init(ikev1 number: UInt16) { self.init(number, in: Self.ikev1) }
    public var ikev1: UInt16? { number(in: Self.ikev1) }

    static let ikev1: Numbering<Encapsulation> = [
        1: .tunnel, 2: .transport, 3: .tunnelInUDP, 4: .transportInUDP, 61443: .tunnelInUDPDraft,
        61444: .transportInUDPDraft,
    ]
}
