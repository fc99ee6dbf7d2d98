import ScopeDissect
import ScopeModel
import ScopeWire

/// Where a router looks for the pre-shared key of a peer, and what it finds.
public struct KeyCheck: Sendable {
    /// The keys that fit, the most exact first.
    public var found: [Found]
    /// Keys that fit the address but cannot be used, and why.
    public var outOfReach: [(found: Found, why: String)]
    /// The number of all pre-shared keys.
    public var keyCount: Int

    public struct Found: Hashable, Sendable {
        /// Nil for `crypto isakmp key`.
        public var keyring: String?
        public var key: ConfiguredKey
        /// Set for the key of an EZVPN group.
        public var group: String?
    }
}

extension IOSConfig {
    /// Looks for the pre-shared key for `peer`, as this router would with its address `local`.
    ///
    /// - Parameter identity: the identity that the peer sends; Aggressive Mode finds keys by it as well.
    public func checkKey(for peer: IPAddress, local: IPAddress, identity: Identity? = nil) -> KeyCheck {
        // An address that no interface has may be in any VRF.
        let own = interface(owning: local)
        let vrf = own?.vrf
        var check = KeyCheck(
            found: [], outOfReach: [], keyCount: keys.count + keyrings.reduce(0) { $0 + $1.keys.count })
        for key in keys where fits(key, peer, identity) {
            let found = KeyCheck.Found(keyring: nil, key: key, group: nil)
            if let vrf {
                check.outOfReach.append(
                    (found, "'crypto isakmp key' is for the global table, and \(local) is in VRF \(vrf)"))
            } else {
                check.found.append(found)
            }
        }
        for keyring in keyrings {
            for key in keyring.keys where fits(key, peer, identity) {
                let found = KeyCheck.Found(keyring: keyring.name, key: key, group: nil)
                if own != nil, keyring.vrf != vrf {
                    check.outOfReach.append(
                        (
                            found,
                            "keyring \(keyring.name) is for \(Self.place(keyring.vrf)), and \(local) is in \(Self.place(vrf))"
                        ))
                } else if let bound = keyring.localAddress, isLocal(bound, local) == false {
                    check.outOfReach.append(
                        (found, "keyring \(keyring.name) is bound to another address than \(local)"))
                } else {
                    check.found.append(found)
                }
            }
        }
        if case .keyID(let bytes) = identity {
            let name = String(decoding: bytes, as: UTF8.self)
            for group in groups where group.name == name && group.hasKey {
                let key = ConfiguredKey(peer: .hostname(name), line: group.line)
                check.found.append(KeyCheck.Found(keyring: nil, key: key, group: name))
            }
        }
        check.found = check.found.enumerated().sorted {
            (Self.breadth($0.element.key), $0.offset) < (Self.breadth($1.element.key), $1.offset)
        }
        .map(\.element)
        return check
    }

    private static func place(_ vrf: String?) -> String { vrf.map { "VRF \($0)" } ?? "the global table" }

    private func fits(_ key: ConfiguredKey, _ peer: IPAddress, _ identity: Identity?) -> Bool {
        switch key.peer {
        case .address: return key.peer.fits(peer)
        case .hostname(let name):
            if addresses(of: name).contains(peer) { return true }
            switch identity {
            case .fqdn(let text), .userFQDN(let text): return text.lowercased() == name
            default: return false
            }
        }
    }

    /// The number of address bits that a key leaves open.
    private static func breadth(_ key: ConfiguredKey) -> Int {
        switch key.peer {
        case .hostname: 0
        case .address(.wildcard(_, let wildcard)): wildcard.nonzeroBitCount
        case .address(.prefix(let prefix)): 128 - prefix.length
        case .address: 128
        }
    }
}
