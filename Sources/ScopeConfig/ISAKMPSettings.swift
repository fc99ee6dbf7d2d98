import ScopeDissect
import ScopeModel
import ScopeWire

/// A `crypto isakmp policy`.
public struct ISAKMPPolicy: Hashable, Sendable {
    /// The policy with the lowest number is tried first.
    public var number: Int
    public var encryption = Cipher.des
    /// Bits; nil for ciphers whose key has one length.
    public var keyLength: UInt16?
    public var hash = Hash.sha1
    public var group = DHGroup.modp768
    public var authentication = AuthenticationMethod.rsaSignature
    /// Seconds.
    public var lifetime: UInt64 = 86_400
    /// Whether it is a default of IOS.
    public var isDefault = false
    /// The number of its first line; 0 for a default policy.
    public var line: Int

    /// Creates a policy with the defaults of IOS: DES, SHA, group 1, RSA signatures, a day.
    public init(number: Int, line: Int) {
        self.number = number
        self.line = line
    }

    /// The policies of a router without one (IOS 12.4(20)T and later), in the order of their numbers.
    public static let defaults: [ISAKMPPolicy] = {
        let ciphers: [(Cipher, UInt16?, DHGroup)] = [
            (.aesCBC, 128, .modp1536), (.tripleDES, nil, .modp1024),
        ]
        var list: [ISAKMPPolicy] = []
        for (encryption, length, group) in ciphers {
            for hash in [Hash.sha1, .md5] {
                for method in [AuthenticationMethod.rsaSignature, .preSharedKey] {
                    var policy = ISAKMPPolicy(number: 65_507 + list.count, line: 0)
                    (policy.encryption, policy.keyLength, policy.group) = (encryption, length, group)
                    (policy.hash, policy.authentication, policy.isDefault) = (hash, method, true)
                    list.append(policy)
                }
            }
        }
        return list
    }()
}

extension ISAKMPPolicy {
    /// What it would offer, and takes.
    public var suite: IKESuite {
        var suite = IKESuite()
        suite.cipher = encryption
        suite.keyLength = keyLength
        suite.prf = .hmac(hash)
        suite.group = group
        suite.authentication = authentication
        suite.lifetime = Lifetime(seconds: min(lifetime, UInt64(UInt32.max)))
        return suite
    }
}

/// For whom a pre-shared key is.
public enum PeerSelector: Hashable, Sendable {
    case address(AddressMatch)
    case hostname(String)

    public func fits(_ peer: IPAddress) -> Bool {
        if case .address(let match) = self { match.covers(.address(peer)) == true } else { false }
    }
}

/// A pre-shared key: the peers that it is for, without the key itself.
public struct ConfiguredKey: Hashable, Sendable {
    public var peer: PeerSelector
    /// Type 6: encrypted with the router's master key.
    public var isEncrypted = false
    /// `no-xauth`: this peer is not asked for a user.
    public var isWithoutXAUTH = false
    public var line: Int
}

/// A local end: an address, or an interface with its present address.
public enum LocalAddress: Hashable, Sendable {
    case address(IPAddress)
    case interface(String)
}

/// A `crypto keyring`.
public struct Keyring: Hashable, Sendable {
    public var name: String
    public var vrf: String?
    public var localAddress: LocalAddress?
    public var keys: [ConfiguredKey] = []
    public var line: Int
}

/// The identity that a router sends.
public enum SelfIdentity: Hashable, Sendable {
    case address
    case hostname
    case distinguishedName
    case automatic
    case fixed(IPAddress)
    case fqdn(String)
    case userFQDN(String)
}

/// A condition that a profile sets on the identity of a peer.
public enum IdentityMatch: Hashable, Sendable {
    /// `match identity address A [MASK] [VRF]`.
    case address(AddressMatch, vrf: String?)
    /// `match identity host NAME`.
    case host(String)
    /// `match identity host domain NAME`.
    case hostDomain(String)
    /// `match identity user [fqdn] NAME`.
    case user(String)
    /// `match identity user domain NAME`.
    case userDomain(String)
    /// `match identity group NAME`: a key id, or the OU of a certificate.
    case group(String)
    /// `match certificate MAP`.
    case certificate(String)
}

/// A `crypto isakmp profile`.
public struct ISAKMPProfile: Hashable, Sendable {
    public var name: String
    public var keyrings: [String] = []
    public var matches: [IdentityMatch] = []
    public var vrf: String?
    public var selfIdentity: SelfIdentity?
    public var localAddress: LocalAddress?
    /// `client authentication list`: peers are asked for a user.
    public var asksForUser = false
    public var virtualTemplate: Int?
    public var initiatesAggressiveMode = false
    public var line: Int
}

/// A `crypto isakmp client configuration group`: the key that EZVPN clients share, found by the group's name.
public struct ClientGroup: Hashable, Sendable {
    public var name: String
    public var hasKey = false
    public var line: Int
}
