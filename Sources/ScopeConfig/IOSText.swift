import ScopeDissect
import ScopeModel
import ScopeWire

/// Writes settings in the words of IOS, so that evidence quotes the configuration.
public enum IOSText {
    /// `encryption aes 256, hash sha, group 2, authentication pre-share`.
    public static func policy(_ policy: ISAKMPPolicy) -> String {
        [
            "encryption " + cipher(UInt64(policy.encryption.rawValue), bits: policy.keyLength.map(UInt64.init)),
            "hash " + hash(UInt64(policy.hash.rawValue)), "group \(policy.group.rawValue)",
            "authentication " + method(UInt64(policy.authentication.rawValue)),
        ].joined(separator: ", ")
    }

    /// The lines of a policy that would take an offered phase 1 transform; nil where IOS has no words for it.
    public static func policyLines(_ transform: Transform, number: Int) -> [String]? {
        guard let encryption = transform.value(1), [1, 5, 7].contains(encryption), let digest = transform.value(2),
            [1, 2, 4, 5, 6].contains(digest), let group = transform.value(4), let method = transform.value(3)
        else { return nil }
        return [
            "crypto isakmp policy \(number)", " encryption " + cipher(encryption, bits: transform.value(14)),
            " hash " + hash(digest), " group \(group)", " authentication " + Self.method(method),
        ]
    }

    /// The lines of a policy like `policy`.
    public static func policyLines(_ policy: ISAKMPPolicy, number: Int) -> [String] {
        ["crypto isakmp policy \(number)"]
            + Self.policy(policy).split(separator: ",").map { part in
                part.hasPrefix(" ") ? String(part) : " " + part
            }
    }

    /// The value of an attribute that a policy is compared by; `none` where a transform has it not.
    static func value(_ number: UInt64?, of attribute: Phase1Attribute) -> String {
        guard let number else { return "none" }
        return switch attribute {
        case .encryptionAlgorithm: cipher(number, bits: 128)
        case .hashAlgorithm: hash(number)
        case .authenticationMethod: method(number)
        default: "\(number)"
        }
    }

    static func cipher(_ number: UInt64, bits: UInt64?) -> String {
        switch number {
        case 1: "des"
        case 5: "3des"
        case 7: "aes" + (bits == 128 ? "" : bits.map { " \($0)" } ?? " without a key length")
        default: name(number, EncryptionAlgorithm.init(rawValue:)) + (bits.map { " \($0)" } ?? "")
        }
    }

    private static func hash(_ number: UInt64) -> String {
        switch number {
        case 1: "md5"
        case 2: "sha"
        case 4: "sha256"
        case 5: "sha384"
        case 6: "sha512"
        default: name(number, HashAlgorithm.init(rawValue:))
        }
    }

    private static func method(_ number: UInt64) -> String {
        switch number {
        case 1: "pre-share"
        case 3: "rsa-sig"
        case 4: "rsa-encr"
        case 9: "ecdsa-sig"
        default: name(number, AuthenticationMethod.init(rawValue:))
        }
    }

    private static func name<Code: CodePoint>(_ number: UInt64, _ make: (UInt16) -> Code) -> String
    where Code.RawValue == UInt16 {
        UInt16(exactly: number).map { "\(make($0))" } ?? "\(number)"
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

    /// An offered transform of phase 2 in the words of a transform set: `esp-aes 256 esp-sha-hmac`.
    public static func transform(_ transform: Transform, of proposal: SecurityProtocol) -> String {
        let bits = transform.value(6)
        let sized = ConfiguredTransform.words.values.filter { $0.protocolID == proposal && $0.id == transform.id }
        let word =
            sized.first { $0.keyLength == bits }?.text
            ?? sized.map(\.text).min().map { $0 + (bits.map { " \($0)" } ?? " without a key length") }
            ?? "\(TransformID.name(of: transform.id, protocol: proposal) ?? "transform \(transform.id)")"
            + (bits.map { " \($0)" } ?? "")
        guard proposal == .esp, let number = transform.value(5) else { return word }
        return word + " " + integrity(number)
    }

    static func integrity(_ number: UInt64?) -> String {
        guard let number else { return "no integrity" }
        return ConfiguredTransform.words.values.first {
            $0.protocolID == .esp && $0.id == nil && ($0.integrity?.rawValue).map(UInt64.init) == number
        }?.text ?? name(number, AuthenticationAlgorithm.init(rawValue:))
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

    private static func masked(_ word: String, _ match: AddressMatch) -> String {
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
