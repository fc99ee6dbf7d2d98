import ScopeDissect

/// IKEv1's transforms as what they choose (RFC 2409 appendix A, RFC 2407 sections 4.4 and 4.5): the one place that reads
/// their attributes.
extension IKESuite {
    /// Of attributes that come twice, the first counts; a number with more than 16 bits is in no registry, and is none.
    public init(_ transform: Transform) {
        var attributes = FirstAttributes()
        // Without a life type before it, a duration of phase 1 counts in seconds.
        var bounds = LifetimeReading(type: 11, duration: 12, usual: .seconds)
        for attribute in transform.attributes {
            guard let number = attribute.number else { continue }
            bounds.take(attribute.type, number, into: &lifetime)
            guard let value = attributes.first(attribute.type, number) else { continue }
            switch attribute.type {
            case 1: cipher = Cipher(ikev1: value)
            case 2: prf = .hmac(Hash(ikev1: value))
            case 3: authentication = AuthenticationMethod(ikev1: value)
            case 4: group = DHGroup(rawValue: value)
            case 14: keyLength = value
            default: break
            }
        }
    }
}

extension ChildSuite {
    /// Of attributes that come twice, the first counts; a number with more than 16 bits is in no registry, and is none.
    public init(_ transform: Transform, of protocolID: SecurityProtocol) {
        self.init(protocolID)
        switch protocolID {
        case .ah: transformOfAH = Integrity(ah: UInt16(transform.id))
        case .ipComp: compression = IPCompTransform(rawValue: transform.id)
        default: cipher = Cipher(esp: UInt16(transform.id))
        }
        var attributes = FirstAttributes()
        var bounds = LifetimeReading(type: 1, duration: 2, usual: nil)
        for attribute in transform.attributes {
            guard let number = attribute.number else { continue }
            bounds.take(attribute.type, number, into: &lifetime)
            guard let value = attributes.first(attribute.type, number) else { continue }
            switch attribute.type {
            case 3: group = DHGroup(rawValue: value)
            case 4: encapsulation = Encapsulation(ikev1: value)
            case 5: integrity = Integrity(ikev1: value)
            case 6: keyLength = value
            case 11: hasESN = value == 1
            default: break
            }
        }
    }
}

/// Which attributes came already.
private struct FirstAttributes {
    private var seen: UInt32 = 0

    /// The number of an attribute below 32 that comes for the first time.
    mutating func first(_ type: UInt16, _ number: UInt64) -> UInt16? {
        guard type < 32, seen & 1 << type == 0 else { return nil }
        seen |= 1 << type
        return UInt16(exactly: number)
    }
}

/// Pairs of a life type and a duration: a duration counts in the unit of the type before it.
private struct LifetimeReading {
    let type: UInt16
    let duration: UInt16
    /// The unit of a duration without a type.
    let usual: Lifetime.Unit?
    private var unit: Lifetime.Unit?

    init(type: UInt16, duration: UInt16, usual: Lifetime.Unit?) {
        self.type = type
        self.duration = duration
        self.usual = usual
    }

    mutating func take(_ attribute: UInt16, _ number: UInt64, into lifetime: inout Lifetime) {
        if attribute == type { unit = Lifetime.Unit(type: UInt16(clamping: number)) }
        guard attribute == duration, let bound = unit ?? usual else { return }
        unit = nil
        // Of phase 1, as of its other attributes, the first counts.
        if usual != nil, lifetime.value(bound) != nil { return }
        lifetime.add(Lifetime.Bound(bound, number))
    }
}

extension Offer {
    /// The offers of an SA payload: one for each transform of each proposal, in wire order.
    public static func all(_ payload: SAPayload) -> [Offer] {
        payload.proposals.flatMap { proposal in
            proposal.transforms.map { Offer($0, of: proposal) }
        }
    }

    public init(_ transform: Transform, of proposal: Proposal) {
        self.init(
            number: proposal.number, transform: transform.number, protocolID: proposal.protocolID,
            spi: proposal.spiNumber,
            choice: proposal.protocolID == .isakmp
                ? .ike(IKESuite(transform)) : .child(ChildSuite(transform, of: proposal.protocolID)))
    }
}
