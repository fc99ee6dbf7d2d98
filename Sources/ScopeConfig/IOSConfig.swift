import ScopeModel
import ScopeWire

/// The settings of a running configuration of IOS or IOS XE that concern ISAKMP and IPsec.
///
/// It holds no key, only the fact that there is a pre-shared key, and for whom.
public struct IOSConfig: Sendable {
    /// The path from which it was read, as the user named it.
    public var path: String
    public var hostname: String?
    /// Whether it is a configuration of ASA, which has words of its own.
    public var isASA = false

    /// The policies in the order of IOS: the lowest number first.
    public var policies: [ISAKMPPolicy] = []
    /// Whether default policies apply where none is configured (IOS 12.4(20)T and later).
    ///
    /// False after `no crypto isakmp default policy`.
    public var allowsDefaultPolicies = true
    /// False after `no crypto isakmp enable`.
    public var isISAKMPEnabled = true
    /// `crypto isakmp aggressive-mode disable`.
    public var refusesAggressiveMode = false
    /// `crypto isakmp identity`; nil for the default, the address.
    public var identity: SelfIdentity?
    /// The keys of `crypto isakmp key`, which belong to the global routing table.
    public var keys: [ConfiguredKey] = []
    public var keyrings: [Keyring] = []
    public var profiles: [ISAKMPProfile] = []
    /// `crypto isakmp client configuration group`: EZVPN.
    public var groups: [ClientGroup] = []

    public var ikev2 = IKEv2Settings()

    public var transformSets: [TransformSet] = []
    /// `crypto ipsec ikev2 ipsec-proposal` of ASA.
    public var ipsecProposals: [IPsecProposal] = []
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

    /// The first `mostUnreadLines` lines of ISAKMP, IPsec or their access lists that were not understood.
    public var unread: [UnreadLine] = []
    public var unreadCount = 0
    /// The number of lines in the file.
    public var lineCount = 0

    public static let mostUnreadLines = 256

    public init(path: String) { self.path = path }

    /// Whether it contains any setting of ISAKMP or IPsec.
    public var isAboutIPsec: Bool {
        !policies.isEmpty || !keys.isEmpty || !keyrings.isEmpty || !profiles.isEmpty || !transformSets.isEmpty
            || !maps.isEmpty || !dynamicMaps.isEmpty || !ipsecProfiles.isEmpty || !groups.isEmpty
            || !ikev2.isEmpty || !ipsecProposals.isEmpty
    }

    /// Its name in findings: that of the router, else that of the file.
    public var name: String { hostname ?? path }

    // MARK: Looking up

    public func transformSet(_ name: String) -> TransformSet? { transformSets.first { $0.name == name } }
    public func accessList(_ name: String) -> AccessList? { accessLists.first { $0.name == name } }
    public func map(_ name: String) -> CryptoMap? { maps.first { $0.name == name } }
    public func dynamicMap(_ name: String) -> CryptoMap? { dynamicMaps.first { $0.name == name } }
    public func ipsecProfile(_ name: String) -> IPsecProfile? { ipsecProfiles.first { $0.name == name } }
    public func profile(_ name: String) -> ISAKMPProfile? { profiles.first { $0.name == name } }
    public func keyring(_ name: String) -> Keyring? { keyrings.first { $0.name == name } }

    /// The interface of a full or short name: `Gi0/0` is `GigabitEthernet0/0`.
    public func interface(_ name: String) -> ConfiguredInterface? {
        interfaces.first { $0.name == name || $0.alias == name } ?? interfaces.first { $0.isCalled(name) }
    }

    /// The addresses of a peer that is named by address, or by a host name of `ip host`.
    public func addresses(of peer: String) -> [IPAddress] {
        if let address = IPAddress(peer) { return [address] }
        return hosts[peer.lowercased()] ?? []
    }
}

/// A line that was not understood, without what may be a key.
public struct UnreadLine: Hashable, Sendable {
    /// From 1.
    public var number: Int
    /// Its beginning, up to the first word that may be a secret.
    public var text: String
    public var why: String
}
