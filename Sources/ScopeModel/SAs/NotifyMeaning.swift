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
    /// The sender knows of no earlier SA with this peer.
    case initialContact

    /// Nil for a notification that means none of these (RFC 2408 section 3.14.1, RFC 2407 section 4.6.3).
    public init?(_ type: NotifyType) {
        switch type.rawValue {
        case 1, 15, 16: self = .unreadable
        case 5: self = .wrongVersion
        case 7, 29: self = .wrongExchange
        case 11: self = .unknownSPI
        case 14: self = .refusedProposal
        case 17: self = .refusedKey
        case 18: self = .refusedIdentity
        case 24: self = .failedAuthentication
        default:
            guard type == .initialContact else { return nil }
            self = .initialContact
        }
    }
}
