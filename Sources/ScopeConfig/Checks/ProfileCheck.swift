import ScopeDissect
import ScopeModel
import ScopeWire

/// Whether an ISAKMP profile accepts a peer's identity.
public enum ProfileVerdict: Hashable, Sendable {
    /// It accepts, because of this line.
    case matches(IdentityMatch)
    case refuses
    /// It may match by a certificate, which cannot be told from the identity.
    case unknown
}

extension ISAKMPProfile {
    /// - Parameter vrf: the VRF in which the peer's packets arrive; nil for the global table.
    public func verdict(on identity: Identity, vrf: String? = nil) -> ProfileVerdict {
        if let match = matches.first(where: { Self.takes($0, identity, vrf) }) { return .matches(match) }
        let looksAtCertificates = matches.contains { if case .certificate = $0 { true } else { false } }
        if case .distinguishedName = identity {
            // `match identity group` compares the OU, and a certificate map compares any field.
            let looksAtGroup = matches.contains { if case .group = $0 { true } else { false } }
            return looksAtCertificates || looksAtGroup ? .unknown : .refuses
        }
        return looksAtCertificates ? .unknown : .refuses
    }

    private static func takes(_ match: IdentityMatch, _ identity: Identity, _ vrf: String?) -> Bool {
        switch (match, identity) {
        case (.address(let addresses, let wanted), .address), (.address(let addresses, let wanted), .subnet),
            (.address(let addresses, let wanted), .range):
            (wanted == nil || wanted == vrf) && addresses.covers(identity) == true
        case (.host(let name), .fqdn(let text)): text.lowercased() == name
        case (.hostDomain(let domain), .fqdn(let text)): isBelow(text.lowercased(), domain, mark: ".")
        case (.user(let name), .userFQDN(let text)): text.lowercased() == name
        case (.userDomain(let domain), .userFQDN(let text)): isBelow(text.lowercased(), domain, mark: "@")
        case (.group(let name), .keyID(let bytes)): Array(name.utf8) == bytes
        default: false
        }
    }

    private static func isBelow(_ text: String, _ domain: String, mark: String) -> Bool {
        text == domain || text.hasSuffix(mark + domain) || text.hasSuffix("." + domain)
    }
}

extension IOSConfig {
    /// The first profile that accepts an identity; nil where none does, or where there is none.
    public func profile(matching identity: Identity, local: IPAddress) -> ISAKMPProfile? {
        let vrf = interface(owning: local)?.vrf
        return profiles.first { profile in
            if let bound = profile.localAddress, isLocal(bound, local) == false { return false }
            if case .matches = profile.verdict(on: identity, vrf: vrf) { return true }
            return false
        }
    }
}
