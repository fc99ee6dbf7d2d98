import ScopeModel
import ScopeWire

/// Words for what is in certificates.
extension Wording {
    /// `RSA 2048`, `EC P-256`.
    static func key(_ key: PublicKey) -> String {
        if let curve = key.curve { return "\(key.kind) \(curve)" }
        return key.bits > 0 ? "\(key.kind) \(key.bits)" : key.kind
    }

    /// `DNS gw.example.com`, as openssl labels them.
    static func name(_ name: GeneralName) -> String {
        switch name {
        case .dns(let text): "DNS \(text)"
        case .email(let text): "email \(text)"
        case .uri(let text): "URI \(text)"
        case .address(let address): "IP \(address)"
        case .directory(let text): "directory \(text)"
        case .other(let tag): "a name of kind \(tag)"
        }
    }
}
