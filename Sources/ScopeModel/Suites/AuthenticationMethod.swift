/// How a side proves who it is, and whether a user has to prove himself beside it.
public struct AuthenticationMethod: Hashable, Sendable {
    public var credential: Credential
    /// Nil where the peers alone prove themselves.
    public var user: User?

    public init(_ credential: Credential, user: User? = nil) {
        self.credential = credential
        self.user = user
    }

    /// What a peer proves itself with.
    public enum Credential: Hashable, Sendable {
        case preSharedKey
        case dssSignature, rsaSignature, ecdsaSignature, ecdsa256, ecdsa384, ecdsa521
        /// The algorithm stands in the signature itself (RFC 7427).
        case digitalSignature
        case rsaEncryption, revisedRSAEncryption, elGamalEncryption, revisedElGamalEncryption
        case securePassword
        /// Nobody proves anything (RFC 7619).
        case null
        /// A number that the registry it was read from does not know.
        case other(UInt16)
    }

    /// A user who answers for one of the sides.
    public struct User: Hashable, Sendable {
        public enum Way: Hashable, Sendable {
            /// The peers authenticate each other, then the user does (draft-ietf-ipsec-isakmp-xauth).
            case xauth
            /// The user alone answers for his side (draft-ietf-ipsec-isakmp-hybrid-auth).
            case hybrid
        }

        public var way: Way
        /// For which side of the IKE SA.
        public var side: Role

        public init(_ way: Way, _ side: Role) {
            self.way = way
            self.side = side
        }
    }

    public static var preSharedKey: Self { Self(.preSharedKey) }
    public static var rsaSignature: Self { Self(.rsaSignature) }

    public var usesPSK: Bool { credential == .preSharedKey }

    /// By the peer or the peers that prove themselves.
    public var usesSignatures: Bool {
        switch credential {
        case .dssSignature, .rsaSignature, .ecdsa256, .ecdsa384, .ecdsa521, .digitalSignature: true
        case .preSharedKey, .ecdsaSignature, .rsaEncryption, .revisedRSAEncryption, .elGamalEncryption,
            .revisedElGamalEncryption, .securePassword, .null, .other:
            false
        }
    }

    /// With the peer's public key (RFC 2409 sections 5.2 and 5.3).
    public var usesEncryption: Bool { credential == .rsaEncryption || credential == .revisedRSAEncryption }

    public var isXAUTH: Bool { user?.way == .xauth }
    public var isHybrid: Bool { user?.way == .hybrid }
}

extension AuthenticationMethod: Registered {
    static func other(_ number: UInt16) -> AuthenticationMethod { AuthenticationMethod(.other(number)) }
    var unknownNumber: UInt16? { if case .other(let number) = credential { number } else { nil } }

    /// By the Authentication-Method attribute of IKEv1's phase 1 (RFC 2409 appendix A, RFC 4754, the drafts of XAUTH and of
    /// hybrid authentication).
    public init(ikev1 number: UInt16) { self.init(number, in: Self.ikev1) }
    public var ikev1: UInt16? { number(in: Self.ikev1) }

    /// By the Auth Method of IKEv2's AUTH payload (RFC 7296 section 3.8 and IANA's registry).
    public init(ikev2 number: UInt16) { self.init(number, in: Self.ikev2) }
    public var ikev2: UInt16? { number(in: Self.ikev2) }

    static let ikev1: Numbering<AuthenticationMethod> = [
        1: .preSharedKey, 2: Self(.dssSignature), 3: .rsaSignature, 4: Self(.rsaEncryption),
        5: Self(.revisedRSAEncryption), 6: Self(.elGamalEncryption), 7: Self(.revisedElGamalEncryption),
        8: Self(.ecdsaSignature), 9: Self(.ecdsa256), 10: Self(.ecdsa384), 11: Self(.ecdsa521),
        64221: Self(.rsaSignature, user: User(.hybrid, .initiator)),
        64222: Self(.rsaSignature, user: User(.hybrid, .responder)),
        64223: Self(.dssSignature, user: User(.hybrid, .initiator)),
        64224: Self(.dssSignature, user: User(.hybrid, .responder)),
        65001: Self(.preSharedKey, user: User(.xauth, .initiator)),
        65002: Self(.preSharedKey, user: User(.xauth, .responder)),
        65003: Self(.dssSignature, user: User(.xauth, .initiator)),
        65004: Self(.dssSignature, user: User(.xauth, .responder)),
        65005: Self(.rsaSignature, user: User(.xauth, .initiator)),
        65006: Self(.rsaSignature, user: User(.xauth, .responder)),
        65007: Self(.rsaEncryption, user: User(.xauth, .initiator)),
        65008: Self(.rsaEncryption, user: User(.xauth, .responder)),
        65009: Self(.revisedRSAEncryption, user: User(.xauth, .initiator)),
        65010: Self(.revisedRSAEncryption, user: User(.xauth, .responder)),
    ]

    static let ikev2: Numbering<AuthenticationMethod> = [
        1: .rsaSignature, 2: .preSharedKey, 3: Self(.dssSignature), 9: Self(.ecdsa256), 10: Self(.ecdsa384),
        11: Self(.ecdsa521), 12: Self(.securePassword), 13: Self(.null), 14: Self(.digitalSignature),
    ]
}
