import ScopeModel
import ScopeWire

/// What a running configuration of IOS or IOS XE says about ISAKMP and IPsec.
///
/// It holds no key: of a pre-shared key only that there is one, and for whom.
public struct IOSConfig: Sendable {
    /// Where it was read from, as it was named.
    public var path: String
    public var hostname: String?
    /// It is one of ASA, which has words of its own for much of this.
    public var isASA = false

    /// By priority, the lowest number first, as IOS tries them.
    public var policies: [ISAKMPPolicy] = []
    /// Without a policy of its own IOS 12.4(20)T and later have a set of them, until `no crypto isakmp default policy`.
    public var allowsDefaultPolicies = true
    /// False after `no crypto isakmp enable`.
    public var isISAKMPEnabled = true
    /// `crypto isakmp aggressive-mode disable`.
    public var refusesAggressiveMode = false
    /// `crypto isakmp identity`; nil for the default, the address.
    public var identity: SelfIdentity?
    /// `crypto isakmp key`: they belong to the global table of routes.
    public var keys: [ConfiguredKey] = []
    public var keyrings: [Keyring] = []
    public var profiles: [ISAKMPProfile] = []
    /// `crypto isakmp client configuration group`: EZVPN.
    public var groups: [ClientGroup] = []

    public var transformSets: [TransformSet] = []
    /// False after `no crypto ipsec default transform-set`.
    public var allowsDefaultTransformSets = true
    /// `crypto ipsec security-association lifetime`.
    public var lifetime = SALifetime()
    public var accessLists: [AccessList] = []
    public var maps: [CryptoMap] = []
    public var dynamicMaps: [CryptoMap] = []
    public var ipsecProfiles: [IPsecProfile] = []
    public var interfaces: [ConfiguredInterface] = []
    /// `ip host`: names in lower case.
    public var hosts: [String: [IPAddress]] = [:]

    /// The first `mostUnreadLines` that belong to ISAKMP, IPsec or their access lists and are not understood.
    public var unread: [UnreadLine] = []
    public var unreadCount = 0
    /// Lines of the file.
    public var lineCount = 0

    public static let mostUnreadLines = 256

    public init(path: String) { self.path = path }

    /// Whether it says anything of ISAKMP or IPsec.
    public var isAboutIPsec: Bool {
        !policies.isEmpty || !keys.isEmpty || !keyrings.isEmpty || !profiles.isEmpty || !transformSets.isEmpty
            || !maps.isEmpty || !dynamicMaps.isEmpty || !ipsecProfiles.isEmpty || !groups.isEmpty
    }

    /// How it is called in findings: the router's name, else the file's.
    public var name: String { hostname ?? path }

    // MARK: Looking up

    public func transformSet(_ name: String) -> TransformSet? { transformSets.first { $0.name == name } }
    public func accessList(_ name: String) -> AccessList? { accessLists.first { $0.name == name } }
    public func map(_ name: String) -> CryptoMap? { maps.first { $0.name == name } }
    public func dynamicMap(_ name: String) -> CryptoMap? { dynamicMaps.first { $0.name == name } }
    public func ipsecProfile(_ name: String) -> IPsecProfile? { ipsecProfiles.first { $0.name == name } }
    public func profile(_ name: String) -> ISAKMPProfile? { profiles.first { $0.name == name } }
    public func keyring(_ name: String) -> Keyring? { keyrings.first { $0.name == name } }

    /// By its full name or a short one: `Gi0/0` is `GigabitEthernet0/0`.
    public func interface(_ name: String) -> ConfiguredInterface? {
        interfaces.first { $0.name == name || $0.alias == name } ?? interfaces.first { $0.isCalled(name) }
    }

    /// Where a peer that is named by address or host name is; names only by `ip host`.
    public func addresses(of peer: String) -> [IPAddress] {
        if let address = IPAddress(peer) { return [address] }
        return hosts[peer.lowercased()] ?? []
    }
}

/// A line that is not understood; what may be a key is not in it.
public struct UnreadLine: Hashable, Sendable {
    /// From 1.
    public var number: Int
    /// Its beginning, up to the first word that may be a secret.
    public var text: String
    public var why: String
}
