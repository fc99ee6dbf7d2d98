import ScopeDissect
import ScopeModel
import ScopeWire

/// Writes settings of IKEv2 in the words of IOS, so that evidence quotes the configuration.
public enum IKEv2Text {
    /// `aes-cbc-256`; the usual name of what IOS has no word for.
    public static func cipher(_ cipher: AlgorithmSet.SizedCipher) -> String {
        let bits = cipher.keyLength.map { "-\($0)" } ?? ""
        switch cipher.cipher {
        case .des: return "des"
        case .tripleDES: return "3des"
        case .aesCBC: return "aes-cbc\(bits)"
        case .aesGCM16: return "aes-gcm\(bits)"
        default:
            guard let number = cipher.cipher.ikev2 else { return "?" }
            return (IKEv2.TransformID.name(of: number, type: .encryption) ?? "encryption \(number)") + bits
        }
    }

    public static func integrity(_ integrity: Integrity) -> String {
        switch integrity {
        case .hmacMD5: return "md5"
        case .hmacSHA1: return "sha1"
        case .hmacSHA256: return "sha256"
        case .hmacSHA384: return "sha384"
        case .hmacSHA512: return "sha512"
        default:
            guard let number = integrity.ikev2 else { return "?" }
            return IKEv2.TransformID.name(of: number, type: .integrity) ?? "integrity \(number)"
        }
    }

    public static func prf(_ prf: PRF) -> String {
        switch prf {
        case .hmac(.md5): return "md5"
        case .hmac(.sha1): return "sha1"
        case .hmac(.sha256): return "sha256"
        case .hmac(.sha384): return "sha384"
        case .hmac(.sha512): return "sha512"
        default:
            guard let number = prf.ikev2 else { return "?" }
            return IKEv2.TransformID.name(of: number, type: .prf) ?? "PRF \(number)"
        }
    }

    /// Up to eight of them; `none` for no one.
    static func list(_ words: [String]) -> String {
        words.isEmpty ? "none" : words.prefix(8).joined(separator: " ") + (words.count > 8 ? " …" : "")
    }

    /// The lines of a proposal that would take what is offered; nil where IOS has no word for some of it.
    public static func proposalLines(_ algorithms: AlgorithmSet, name: String) -> [String]? {
        let ciphers = algorithms.ciphers.filter { [.des, .tripleDES, .aesCBC, .aesGCM16].contains($0.cipher) }
        let integrities = algorithms.integrities.filter { known.contains(integrity($0)) }
        let prfs = algorithms.prfs.map(prf).filter { known.contains($0) }
        let groups = algorithms.groups.compactMap { $0 }
        guard let first = ciphers.first, let function = prfs.first, let group = groups.first else { return nil }
        var lines = ["crypto ikev2 proposal \(name)", " encryption \(cipher(first))"]
        if !first.cipher.isAEAD {
            guard let first = integrities.first else { return nil }
            lines.append(" integrity \(integrity(first))")
            if integrity(first) == function { return lines + [" group \(group.rawValue)"] }
        }
        return lines + [" prf \(function)", " group \(group.rawValue)"]
    }

    private static let known: Set<String> = ["md5", "sha1", "sha256", "sha384", "sha512"]

    /// `address 192.0.2.10`, `fqdn r2.example.net`, as `match identity remote` has it.
    public static func identity(_ identity: IKEv2Identity) -> String {
        switch identity {
        case .address(let match): IOSText.masked("address", match)
        case .fqdn(let name): "fqdn \(name)"
        case .fqdnDomain(let name): "fqdn domain \(name)"
        case .email(let name): "email \(name)"
        case .emailDomain(let name): "email domain \(name)"
        case .keyID(let name): "key-id \(name)"
        case .distinguishedName: "dn"
        case .any: "any"
        }
    }

    /// The line of a profile that would match an identity; nil where none can.
    public static func match(_ identity: Identity) -> String? {
        switch identity {
        case .address(let address) where address.isV6: "match identity remote address \(address)/128"
        case .address(let address): "match identity remote address \(address) 255.255.255.255"
        case .fqdn(let name): "match identity remote fqdn \(name)"
        case .userFQDN(let name): "match identity remote email \(name)"
        case .keyID(let bytes): "match identity remote key-id \(String(decoding: bytes, as: UTF8.self))"
        case .subnet, .range, .distinguishedName, .other: nil
        }
    }
}
