import ScopeWire

/// Identities as the configurations of IKE daemons write them.
enum PeerName {
    static func peer(_ word: Line) -> KeyFile.PSK.Peer { peer(word.unquoted.text) }

    /// An address, a prefix, `%any`, `@name`, `user@name`, `@#hex` for a key id, or with its type in front: `keyid:group`.
    static func peer(_ text: String) -> KeyFile.PSK.Peer {
        if text.isEmpty || text == "%any" || text == "%any6" || text == "0.0.0.0" || text == "::" { return .any }
        if let prefix = IPPrefix(text) { return prefix.length == 0 ? .any : .prefix(prefix) }
        if text.hasPrefix("@#"), let name = keyID(String(text.dropFirst(2))) { return .identity(name) }
        if text.hasPrefix("@") { return .identity(String(text.dropFirst(text.hasPrefix("@@") ? 2 : 1))) }
        for type in ["fqdn:", "email:", "rfc822:", "userfqdn:", "keyid:", "dn:", "asn1dn:"] where text.hasPrefix(type) {
            let name = String(text.dropFirst(type.count))
            if type == "keyid:", name.hasPrefix("0x"), let decoded = keyID(name) { return .identity(decoded) }
            return .identity(name.hasPrefix("#") ? keyID(String(name.dropFirst())) ?? name : name)
        }
        for type in ["ipv4:", "ipv6:"] where text.hasPrefix(type) { return peer(String(text.dropFirst(type.count))) }
        return .identity(text)
    }

    private static func keyID(_ hex: String) -> String? {
        Hex.decode(Secret(copying: hex.utf8))?.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
