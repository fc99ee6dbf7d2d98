import ScopeDissect
import ScopeModel
import ScopeWire

/// A `crypto ikev2 proposal`: of each kind of algorithm any one of the list may be chosen.
public struct IKEv2Proposal: Hashable, Sendable {
    public var name: String
    public var algorithms = AlgorithmSet()
    /// Whether it is the default of IOS, whose algorithms depend on the release.
    public var isDefault = false
    /// The number of its first line; 0 for the default.
    public var line: Int

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }

    /// The name of the default proposal and of the default policy.
    public static let defaultName = "default"

    /// What a router offers and takes that has no policy of its own.
    ///
    /// Releases of 15.x have groups 5 and 2, those of IOS XE 16 and later groups 19, 14, 21 and 5: it is all of it.
    public static let standard: IKEv2Proposal = {
        var proposal = IKEv2Proposal(name: defaultName, line: 0)
        proposal.isDefault = true
        proposal.algorithms.ciphers = [256, 192, 128].map { AlgorithmSet.SizedCipher(.aesCBC, keyLength: $0) }
        proposal.algorithms.integrities = [.hmacSHA512, .hmacSHA384, .hmacSHA256, .hmacSHA1, .hmacMD5]
        proposal.algorithms.prfs = [.sha512, .sha384, .sha256, .sha1, .md5].map { .hmac($0) }
        proposal.algorithms.groups = [.ecp256, .modp2048, .ecp521, .modp1536, .modp1024]
        return proposal
    }()
}

/// A `crypto ikev2 policy`: which proposals are for whom.
public struct IKEv2Policy: Hashable, Sendable {
    /// A name, in ASA a number.
    public var name: String
    /// The policy with the lowest number is tried first, in ASA; IOS goes by what the policy matches.
    public var number = 0
    /// The names of its proposals, in the order in which they are offered.
    public var proposals: [String] = []
    /// `match fvrf`; nil for the global table, where nothing is said.
    public var vrf: String?
    public var matchesAnyVRF = false
    /// `match address local`; empty for any address.
    public var localAddresses: [IPAddress] = []
    public var line: Int

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }
}

/// A `crypto ikev2 keyring`.
public struct IKEv2Keyring: Hashable, Sendable {
    public var name: String
    public var peers: [IKEv2KeyringPeer] = []
    public var line: Int
}

/// A `peer` of a keyring, with the keys for it, without the keys themselves.
public struct IKEv2KeyringPeer: Hashable, Sendable {
    public var name: String
    public var address: AddressMatch?
    public var hostname: String?
    public var identity: IKEv2Identity?
    /// The line of the key with which the router proves itself; nil without one.
    public var localKeyLine: Int?
    /// The line of the key that the peer has to have.
    public var remoteKeyLine: Int?
    public var line: Int

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }
}

/// An identity of IKEv2, as `identity local`, `match identity remote` and a keyring's `identity` name it.
public enum IKEv2Identity: Hashable, Sendable {
    /// One address of a peer, or a range of them that a profile matches.
    case address(AddressMatch)
    case fqdn(String)
    case fqdnDomain(String)
    case email(String)
    case emailDomain(String)
    case keyID(String)
    case distinguishedName
    /// `match identity remote any`.
    case any
}

/// A way to prove oneself, in the words of a profile.
public enum IKEv2Method: Hashable, Sendable {
    case preShare
    case rsaSignature
    case ecdsaSignature
    case eap
    /// `pre-share`, `rsa-sig` and so on of later releases, by its word.
    case other(String)
}

/// A `crypto ikev2 profile`.
public struct IKEv2Profile: Hashable, Sendable {
    public var name: String
    /// `match identity remote`: any of them.
    public var matches: [IKEv2Identity] = []
    /// `match certificate`.
    public var certificateMaps: [String] = []
    /// `match address local`.
    public var localAddresses: [LocalAddress] = []
    /// `match fvrf`; nil for the global table.
    public var vrf: String?
    public var matchesAnyVRF = false
    /// `identity local`; nil for the default, the address.
    public var identity: IKEv2Identity?
    /// How the router proves itself.
    public var localMethod: IKEv2Method?
    /// How peers may.
    public var remoteMethods: [IKEv2Method] = []
    /// `keyring local`.
    public var keyring: String?
    /// A key that stands in the profile itself.
    public var localKeyLine: Int?
    public var remoteKeyLine: Int?
    public var virtualTemplate: Int?
    public var line: Int

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }
}

/// All settings of IKEv2.
public struct IKEv2Settings: Sendable {
    public var proposals: [IKEv2Proposal] = []
    public var policies: [IKEv2Policy] = []
    public var keyrings: [IKEv2Keyring] = []
    public var profiles: [IKEv2Profile] = []
    /// False after `no crypto ikev2 proposal default` and `no crypto ikev2 policy default`.
    public var allowsDefaultProposal = true
    public var allowsDefaultPolicy = true
    /// `crypto ikev2 fragmentation`, `dpd`, `cookie-challenge` and `limit`: the lines, which decide nothing between peers.
    public var globals: [Int] = []

    public var isEmpty: Bool { proposals.isEmpty && policies.isEmpty && keyrings.isEmpty && profiles.isEmpty }

    public func proposal(_ name: String) -> IKEv2Proposal? { proposals.first { $0.name == name } }
    public func profile(_ name: String) -> IKEv2Profile? { profiles.first { $0.name == name } }
    public func keyring(_ name: String) -> IKEv2Keyring? { keyrings.first { $0.name == name } }
}
