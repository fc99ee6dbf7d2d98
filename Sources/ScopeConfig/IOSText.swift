import ScopeDissect
import ScopeModel
import ScopeWire

/// Writes settings in the words of IOS, so that evidence quotes the configuration.
public enum IOSText {
    /// `encryption aes 256, hash sha, group 2, authentication pre-share`.
    public static func policy(_ policy: ISAKMPPolicy) -> String {
        [
            "encryption " + cipher(policy.encryption, bits: policy.keyLength),
            "hash " + hash(policy.hash), "group \(policy.group.rawValue)",
            "authentication " + method(policy.authentication),
        ].joined(separator: ", ")
    }

    /// The lines of a policy that would take an offered suite; nil where IOS has no words for it.
    public static func policyLines(_ suite: IKESuite, number: Int) -> [String]? {
        guard let encryption = suite.cipher, [.des, .tripleDES, .aesCBC].contains(encryption), let digest = suite.hash,
            [.md5, .sha1, .sha256, .sha384, .sha512].contains(digest), let group = suite.group,
            let method = suite.authentication
        else { return nil }
        return [
            "crypto isakmp policy \(number)", " encryption " + cipher(encryption, bits: suite.keyLength),
            " hash " + hash(digest), " group \(group.rawValue)", " authentication " + Self.method(method),
        ]
    }

    /// The lines of a policy like `policy`.
    public static func policyLines(_ policy: ISAKMPPolicy, number: Int) -> [String] {
        ["crypto isakmp policy \(number)"]
            + Self.policy(policy).split(separator: ",").map { part in
                part.hasPrefix(" ") ? String(part) : " " + part
            }
    }

    /// What a suite has of a kind that policies are compared by; `none` where it has it not.
    static func value(_ kind: SuiteKind, of suite: IKESuite) -> String {
        switch kind {
        case .cipher: suite.cipher.map { cipher($0, bits: suite.keyLength) } ?? "none"
        case .keyLength: suite.keyLength.map { "\($0)" } ?? "none"
        case .hash: suite.hash.map(hash) ?? "none"
        case .group: suite.group.map { "\($0.rawValue)" } ?? "none"
        case .authentication: suite.authentication.map(method) ?? "none"
        case .integrity, .encapsulation, .lifetime: "none"
        }
    }

    static func cipher(_ cipher: Cipher, bits: UInt16?) -> String {
        if cipher == .aesCBC, bits == 128 { return "aes" }
        let length = bits.map { " \($0)" }
        guard let word = IOSWords.policy(cipher) else {
            return name(cipher.ikev1, EncryptionAlgorithm.init(rawValue:)) + (length ?? "")
        }
        return cipher == .aesCBC ? word + (length ?? " without a key length") : word
    }

    private static func hash(_ hash: Hash) -> String {
        IOSWords.policy(hash) ?? name(hash.ikev1, HashAlgorithm.init(rawValue:))
    }

    private static func method(_ method: AuthenticationMethod) -> String {
        switch (method.user, method.credential) {
        case (nil, .preSharedKey): "pre-share"
        case (nil, .rsaSignature): "rsa-sig"
        case (nil, .rsaEncryption): "rsa-encr"
        case (nil, .ecdsa256): "ecdsa-sig"
        default: name(method.ikev1, AuthenticationMethodCode.init(rawValue:))
        }
    }

    private static func name<Code: CodePoint>(_ number: UInt16?, _ make: (UInt16) -> Code) -> String
    where Code.RawValue == UInt16 {
        number.map { "\(make($0))" } ?? "?"
    }

    /// `esp-aes 256 esp-sha-hmac, mode tunnel`.
    public static func transformSet(_ set: TransformSet) -> String {
        let mode =
            switch set.mode {
            case .tunnel: "tunnel"
            case .transport: "transport"
            case .transportOnly: "transport require"
            }
        return set.transforms.map(\.text).joined(separator: " ") + ", mode \(mode)"
    }

    /// What Quick Mode offers in the words of a transform set: `esp-aes 256 esp-sha-hmac`.
    public static func transform(_ suite: ChildSuite, withIntegrity: Bool = true) -> String {
        let bits = suite.keyLength
        let sized = ConfiguredTransform.words.values.filter {
            $0.protocolID == suite.protocolID && $0.algorithm == suite.transform
        }
        let word =
            sized.first { $0.keyLength == bits }?.text
            ?? sized.map(\.text).min().map { $0 + (bits.map { " \($0)" } ?? " without a key length") }
            ?? name(of: suite) + (bits.map { " \($0)" } ?? "")
        guard withIntegrity, suite.protocolID == .esp, let integrity = suite.integrity else { return word }
        return word + " " + Self.integrity(integrity)
    }

    /// The registry's name of what IOS has no word for.
    private static func name(of suite: ChildSuite) -> String {
        let number = suite.cipher?.esp ?? suite.transformOfAH?.ah ?? (suite.compression?.rawValue).map(UInt16.init)
        guard let id = number.flatMap({ UInt8(exactly: $0) }) else { return "no transform" }
        return TransformID.name(of: id, protocol: suite.protocolID) ?? "transform \(id)"
    }

    static func integrity(_ integrity: Integrity?) -> String {
        guard let integrity else { return "no integrity" }
        return IOSWords.integrity(integrity) ?? name(integrity.ikev1, AuthenticationAlgorithm.init(rawValue:))
    }

    /// `permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255`.
    public static func entry(_ entry: AccessEntry, isExtended: Bool = true) -> String {
        let verb = entry.permits ? "permit" : "deny"
        guard isExtended else { return "\(verb) \(address(entry.source))" }
        let words = [
            verb, isV6(entry) && entry.protocolID == 0 ? "ipv6" : protocolName(entry.protocolID), address(entry.source),
            ports(entry.sourcePorts),
            address(entry.destination), ports(entry.destinationPorts),
        ]
        return (words + entry.options).filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func isV6(_ entry: AccessEntry) -> Bool {
        if case .prefix = entry.source { return true }
        if case .prefix = entry.destination { return true }
        return false
    }

    public static func address(_ match: AddressMatch) -> String {
        switch match {
        case .any: "any"
        case .wildcard(let address, 0): "host \(IPAddress(v4: address))"
        case .wildcard(let address, let wildcard): "\(IPAddress(v4: address)) \(IPAddress(v4: wildcard))"
        case .prefix(let prefix) where prefix.length == 0: "any"
        case .prefix(let prefix) where prefix.length == 128: "host \(prefix.address)"
        case .prefix(let prefix): "\(prefix)"
        case .group(let name): "object-group \(name)"
        }
    }

    private static func ports(_ match: PortMatch) -> String {
        switch match {
        case .any: ""
        case .equal(let ports): "eq " + ports.map(String.init).joined(separator: " ")
        case .notEqual(let ports): "neq " + ports.map(String.init).joined(separator: " ")
        case .greater(let port): "gt \(port)"
        case .less(let port): "lt \(port)"
        case .range(let first, let last): "range \(first) \(last)"
        }
    }

    static func protocolName(_ number: UInt8) -> String {
        IOSNames.protocols.filter { $0.value == number }.map(\.key).max() ?? "\(number)"
    }

    /// A pre-shared key's peer: `address 198.51.100.20`, `hostname r2`.
    public static func peer(_ selector: PeerSelector) -> String {
        switch selector {
        case .hostname(let name): "hostname \(name)"
        case .address(let match): masked("address", match)
        }
    }

    static func masked(_ word: String, _ match: AddressMatch) -> String {
        switch match {
        case .any: "\(word) 0.0.0.0 0.0.0.0"
        case .wildcard(let address, 0): "\(word) \(IPAddress(v4: address))"
        case .wildcard(let address, let wildcard): "\(word) \(IPAddress(v4: address)) \(IPAddress(v4: ~wildcard))"
        case .prefix(let prefix): "\(word) ipv6 \(prefix)"
        case .group(let name): "\(word) \(name)"
        }
    }

    public static func match(_ match: IdentityMatch) -> String {
        switch match {
        case .address(let addresses, let vrf):
            "match identity " + masked("address", addresses) + (vrf.map { " \($0)" } ?? "")
        case .host(let name): "match identity host \(name)"
        case .hostDomain(let name): "match identity host domain \(name)"
        case .user(let name): "match identity user \(name)"
        case .userDomain(let name): "match identity user domain \(name)"
        case .group(let name): "match identity group \(name)"
        case .certificate(let name): "match certificate \(name)"
        }
    }

    public static func pfs(_ pfs: PFS) -> String {
        switch pfs {
        case .none: "no set pfs"
        case .unnamed: "set pfs"
        case .group(let group): "set pfs group\(group.rawValue)"
        }
    }
}
