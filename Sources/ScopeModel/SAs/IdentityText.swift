import ScopeDissect
import ScopeWire

/// How an identity of phase 1, or of traffic, is called in a sentence; as hostile as the peer that sent it.
public enum IdentityText {
    public static func text(_ identity: Identity) -> String {
        switch identity {
        case .address(let address): return "\(address)"
        case .subnet(let net, let mask): return "\(net)/\(mask)"
        case .range(let from, let to): return "\(from) - \(to)"
        case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text): return "\"\(text)\""
        case .keyID(let bytes): return "key id \"\(String(decoding: bytes, as: UTF8.self))\""
        case .other(let bytes): return "an identity of \(bytes.count) byte\(bytes.count == 1 ? "" : "s")"
        }
    }

    /// One whose bytes say nothing that is understood.
    public static func text(_ type: IdentificationType) -> String {
        type.name ?? "an identity of type \(type.rawValue)"
    }
}
