import ScopeModel

/// How sure it is that an SA is there.
package enum Trust {
    /// A key opened a message of it, or verified a packet.
    case proved
    /// What passed looks like it, and nobody vouches for it.
    case probable
    /// A message in the clear speaks of it, which anybody may have sent.
    case claimed
}

extension Opening {
    /// A key opened the message, and its HASH is not wrong.
    ///
    /// An AUTH payload that no key at hand fits does not speak against a message of IKEv2, whose checksum is right.
    var isBelieved: Bool {
        switch self {
        case .opened(_, _, .failed(let kind)): kind.isAuthentication
        case .opened: true
        case .clear, .sealed, .unreadable: false
        }
    }
}
