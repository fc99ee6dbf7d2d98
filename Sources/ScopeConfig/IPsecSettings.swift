import ScopeDissect
import ScopeModel
import ScopeWire

/// How long an IPsec SA lives; nil for IOS's defaults, 3600 s and 4 608 000 kB.
public struct SALifetime: Hashable, Sendable {
    public var seconds: UInt64?
    public var kilobytes: UInt64?
    /// `kilobytes disable`.
    public var isWithoutKilobytes = false

    public static let defaultSeconds: UInt64 = 3600
    public static let defaultKilobytes: UInt64 = 4_608_000

    public init() {}
}

/// A `crypto ipsec transform-set`.
public struct TransformSet: Hashable, Sendable {
    public var name: String
    /// The transforms as written, no more than one of each kind.
    public var transforms: [ConfiguredTransform] = []
    public var mode = Mode.tunnel
    /// Whether it is a default of IOS, which applies where no set is configured.
    public var isDefault = false
    public var line: Int

    public enum Mode: Hashable, Sendable {
        case tunnel
        /// Traffic that is not between the peers themselves still goes in tunnel mode.
        case transport
        /// `mode transport require`.
        case transportOnly
    }

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }

    /// The sets of a router that has none (IOS 12.4(20)T and later).
    public static let defaults: [TransformSet] = ["esp-aes", "esp-3des"].enumerated().map { index, cipher in
        var set = TransformSet(name: "#$!default_transform_set_\(1 - index)", line: 0)
        set.transforms = [cipher, "esp-sha-hmac"].compactMap { ConfiguredTransform.words[$0] }
        set.mode = .transport
        set.isDefault = true
        return set
    }
}

/// A word of a transform set, and what it puts into a proposal.
public struct ConfiguredTransform: Hashable, Sendable {
    /// The word as IOS writes it, with its key length: `esp-aes 256`.
    public var text: String
    public var protocolID: SecurityProtocol
    public var algorithm: IOSWords.Algorithm
    /// Bits; nil where the cipher has one length.
    public var keyLength: UInt16?

    init(_ text: String, _ protocolID: SecurityProtocol, _ algorithm: IOSWords.Algorithm, keyLength: UInt16? = nil) {
        self.text = text
        self.protocolID = protocolID
        self.algorithm = algorithm
        self.keyLength = keyLength
    }

    /// False for a word that names an integrity algorithm of ESP, which stands beside a cipher.
    public var isTransform: Bool {
        if case .integrity = algorithm { protocolID != .esp } else { true }
    }

    /// The integrity algorithm that it stands for.
    public var integrity: Integrity? {
        if case .integrity(let integrity) = algorithm { integrity } else { nil }
    }

    /// All words of IOS; a word that takes a key length has an entry for each length.
    static let words: [String: ConfiguredTransform] = {
        var list: [ConfiguredTransform] = []
        for word in IOSWords.all {
            let lengths: [UInt16?] = word.keyLengths.isEmpty ? [nil] : word.keyLengths
            for bits in lengths {
                // A cipher with a single key length is written without it.
                let text = word.text + (bits.map { $0 == word.keyLengths.first ? "" : " \($0)" } ?? "")
                list.append(ConfiguredTransform(text, word.protocolID, word.algorithm, keyLength: bits))
            }
        }
        return Dictionary(list.map { ($0.text, $0) }) { first, _ in first }
    }()
}

extension TransformSet {
    /// What it stands for: one suite for each protocol, AH first, then ESP, then IPComp.
    public func suites(encapsulation: Encapsulation) -> [ChildSuite] {
        [SecurityProtocol.ah, .esp, .ipComp].compactMap { protocolID in
            let words = transforms.filter { $0.protocolID == protocolID }
            guard let transform = words.first(where: \.isTransform) else { return nil }
            var suite = ChildSuite(protocolID)
            switch transform.algorithm {
            case .cipher(let cipher): suite.cipher = cipher
            case .integrity(let integrity): suite.transformOfAH = integrity
            case .compression(let compression): suite.compression = compression
            }
            suite.keyLength = words.lazy.compactMap(\.keyLength).first
            suite.integrity = words.lazy.compactMap(\.integrity).first
            suite.encapsulation = encapsulation
            return suite
        }
    }
}

/// A `crypto ipsec ikev2 ipsec-proposal` of ASA: of each kind of algorithm any one may be chosen.
public struct IPsecProposal: Hashable, Sendable {
    public var name: String
    public var ciphers: [AlgorithmSet.SizedCipher] = []
    public var integrities: [Integrity] = []
    public var line: Int

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }

    /// The same as transform sets, which have one algorithm of each kind.
    public var transformSets: [TransformSet] {
        ciphers.prefix(16).flatMap { cipher -> [TransformSet] in
            let list: [Integrity?] =
                cipher.cipher.isAEAD || integrities.isEmpty ? [nil] : integrities.prefix(8).map { Optional($0) }
            return list.compactMap { integrity -> TransformSet? in
                var set = TransformSet(name: name, line: line)
                let word = ConfiguredTransform.words.values.first {
                    $0.protocolID == .esp && $0.algorithm == .cipher(cipher.cipher) && $0.keyLength == cipher.keyLength
                }
                guard let word else { return nil }
                set.transforms = [word]
                if let integrity, let text = IOSWords.integrity(integrity), let word = ConfiguredTransform.words[text] {
                    set.transforms.append(word)
                }
                return set
            }
        }
    }
}

/// A `crypto map` or a `crypto dynamic-map`: its entries in the order of their numbers.
public struct CryptoMap: Hashable, Sendable {
    public var name: String
    public var entries: [CryptoMapEntry] = []
    /// `crypto map NAME local-address INTERFACE`.
    public var localInterface: String?
    /// `crypto map NAME isakmp-profile PROFILE`, or of an entry's own.
    public var profile: String?
    /// `crypto map NAME client authentication list`: peers are asked for a user.
    public var asksForUser = false
    public var isIPv6 = false
}

/// One number of a crypto map.
public struct CryptoMapEntry: Hashable, Sendable {
    public var number: Int
    public var kind = Kind.isakmp
    public var peers: [ConfiguredPeer] = []
    /// In the order of preference.
    public var transformSets: [String] = []
    public var pfs = PFS.none
    /// `match address`.
    public var accessList: String?
    /// `set isakmp-profile`.
    public var profile: String?
    /// `set ikev2-profile`: it takes no IKEv1.
    public var ikev2Profile: String?
    /// `set ikev2 ipsec-proposal` of ASA.
    public var ikev2Proposals: [String] = []
    public var lifetime = SALifetime()
    /// `set security-association level per-host`: an SA for each pair of hosts.
    public var isPerHost = false
    public var line: Int

    public enum Kind: Hashable, Sendable {
        case isakmp
        case manual
        case gdoi
        /// `ipsec-isakmp dynamic NAME`.
        case dynamic(String)
    }

    public init(number: Int, line: Int) {
        self.number = number
        self.line = line
    }
}

/// `set peer`.
public struct ConfiguredPeer: Hashable, Sendable {
    /// An address or a host name.
    public var text: String
    public var isDefault = false
}

/// `set pfs`.
public enum PFS: Hashable, Sendable {
    /// No group is offered, and any is accepted.
    case none
    /// `set pfs` alone: group 1 is offered, and groups 1, 2 and 5 are accepted.
    case unnamed
    case group(DHGroup)
}

/// A `crypto ipsec profile`, for tunnel interfaces.
public struct IPsecProfile: Hashable, Sendable {
    public var name: String
    public var transformSets: [String] = []
    public var pfs = PFS.none
    /// `set isakmp-profile`.
    public var profile: String?
    public var ikev2Profile: String?
    public var lifetime = SALifetime()
    public var line: Int
}

/// An `interface`: its addresses, and what protects its traffic.
public struct ConfiguredInterface: Hashable, Sendable {
    public var name: String
    /// `nameif` of ASA.
    public var alias: String?
    /// The primary address, then the virtual ones of HSRP and VRRP.
    public var addresses: [IPAddress] = []
    /// Whether its address comes from DHCP or PPP.
    public var isDynamic = false
    /// `ip unnumbered INTERFACE`.
    public var unnumbered: String?
    public var isShutDown = false
    public var vrf: String?
    /// `crypto map NAME`.
    public var cryptoMap: String?
    public var tunnel = Tunnel()
    public var line: Int

    /// The outside of a tunnel interface.
    public struct Tunnel: Hashable, Sendable {
        public var source: LocalAddress?
        /// An address, a host name, or `dynamic`.
        public var destination: String?
        public var mode = Mode.gre
        public var vrf: String?
        /// `tunnel protection ipsec profile NAME`.
        public var protection: String?
        /// `tunnel protection ipsec policy ipv4 ACL`.
        public var policy: String?

        public enum Mode: Hashable, Sendable {
            case gre
            case multipointGRE
            case ipsec
            case ipip
            case other(String)
        }

        public init() {}
    }

    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }

    /// `gi0/1` and `GigabitEthernet 0/1` are the same; a kind of interface may be cut short.
    public func isCalled(_ other: String) -> Bool {
        let (mine, theirs) = (Self.parts(name), Self.parts(other))
        return mine.number == theirs.number && mine.kind.hasPrefix(theirs.kind) && !theirs.kind.isEmpty
    }

    private static func parts(_ name: String) -> (kind: String, number: String) {
        let text = name.lowercased()
        let kind = text.prefix { !$0.isNumber }
        return (kind.filter { $0 != " " }, String(text.dropFirst(kind.count)))
    }
}
