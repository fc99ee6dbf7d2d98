import ScopeDissect

/// What a notification says, whatever number a version of IKE has for it.
public enum NotifyMeaning: Hashable, Sendable {
    /// The message could not be read: a payload, a proposal, or its form.
    case unreadable
    case wrongVersion
    /// The exchange, or the mode of phase 1, is not supported.
    case wrongExchange
    case unknownSPI
    case refusedProposal
    case refusedKey
    /// The identity, or the traffic that is asked for.
    case refusedIdentity
    case failedAuthentication
    case wrongCertificate
    /// The certificate is by nobody whom the sender trusts.
    case wrongAuthority
    /// The sender knows of no earlier SA with this peer.
    case initialContact
    /// A payload that the receiver must understand, and does not.
    case unknownCriticalPayload
    /// The sender has no IKE SA with these SPIs.
    case unknownIKESA
    case wrongMessageID
    /// The public value is of another group than the one that the sender wants.
    case wrongGroup
    case refusedTraffic
    /// The sender wants a pair of addresses for each child.
    case singlePair
    /// The sender takes no further child.
    case noMoreChildren
    case noAddress
    /// The sender gives a child only to who asks for an address.
    case addressRequired
    /// Not now, but later.
    case busy
    case unknownChild

    /// Nil for a notification that means none of these (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3).
    public init?(_ type: NotifyType) {
        switch type.rawValue {
        case 1, 15, 16: self = .unreadable
        case 4: self = .unknownIKESA
        case 5: self = .wrongVersion
        case 7, 29: self = .wrongExchange
        case 9: self = .wrongMessageID
        case 11: self = .unknownSPI
        case 14: self = .refusedProposal
        case 17: self = .refusedKey
        case 18: self = .refusedIdentity
        case 20: self = .wrongCertificate
        case 22: self = .wrongAuthority
        case 24: self = .failedAuthentication
        default:
            guard type == .initialContact else { return nil }
            self = .initialContact
        }
    }

    /// Nil for a notification that means none of these (RFC 7296 section 3.10.1).
    public init?(_ type: IKEv2.NotifyType) {
        switch type {
        case .unsupportedCriticalPayload: self = .unknownCriticalPayload
        case .invalidIKESPI: self = .unknownIKESA
        case .invalidMajorVersion: self = .wrongVersion
        case .invalidSyntax: self = .unreadable
        case .invalidMessageID: self = .wrongMessageID
        case .invalidSPI: self = .unknownSPI
        case .noProposalChosen: self = .refusedProposal
        case .invalidKEPayload: self = .wrongGroup
        case .authenticationFailed, .authorizationFailed: self = .failedAuthentication
        case .singlePairRequired: self = .singlePair
        case .noAdditionalSAs: self = .noMoreChildren
        case .internalAddressFailure: self = .noAddress
        case .failedCPRequired: self = .addressRequired
        case .tsUnacceptable: self = .refusedTraffic
        case .temporaryFailure: self = .busy
        case .childSANotFound: self = .unknownChild
        case .initialContact: self = .initialContact
        default: return nil
        }
    }
}
