/// Which payload bodies of phase 1 are encrypted one by one, where the peers authenticate with public-key encryption.
///
/// The headers of these payloads stay in the clear. Their bodies cannot be read as an identity, a nonce or a public value.
public enum BodySealing: Hashable, Sendable {
    case none
    /// RFC 2409 section 5.2: ID and NONCE with the peer's public key.
    case publicKey
    /// RFC 2409 section 5.3: NONCE with the peer's public key; KE, ID and CERT with a key that follows from the nonce.
    case revised

    /// By the Authentication-Method attribute of phase 1.
    public init(authenticationMethod method: UInt64) {
        switch method {
        case 4, 6, 65007, 65008: self = .publicKey
        case 5, 7, 65009, 65010: self = .revised
        default: self = .none
        }
    }

    /// By the transforms of a phase-1 SA payload: what they all have in common.
    public init(_ association: SAPayload) {
        let transforms = association.proposals.filter { $0.protocolID == .isakmp }.flatMap(\.transforms)
        let kinds = Set(transforms.map { BodySealing(authenticationMethod: $0.value(3) ?? 0) })
        self = kinds.count == 1 ? kinds.first ?? .none : .none
    }

    /// How the body of a payload is encrypted; nil for one in the clear.
    func seal(of type: PayloadType) -> BodySeal? {
        switch (self, type) {
        case (.publicKey, .identification), (.publicKey, .nonce), (.revised, .nonce): .publicKey
        case (.revised, .keyExchange), (.revised, .identification), (.revised, .certificate): .nonceKey
        default: nil
        }
    }
}

/// What a payload body is encrypted with.
public enum BodySeal: Hashable, Sendable {
    /// The public key of the receiver.
    case publicKey
    /// A key that follows from the sender's nonce and cookie (RFC 2409 section 5.3).
    case nonceKey
}
