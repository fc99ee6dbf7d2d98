import ScopeDissect
import ScopeModel
import ScopeWire

/// Which profile of IKEv2 a peer falls into, and which keys it and the router have there.
public struct IKEv2PeerCheck: Sendable {
    /// The first profile that takes the identity; nil where none does.
    public var profile: IKEv2Profile?
    /// Profiles that do not, and why.
    public var refusals: [(profile: IKEv2Profile, why: String)] = []
    /// A profile may match by a certificate, which the identity does not tell.
    public var isOpen = false
    /// The entry of the profile's keyring for this peer, the most exact first.
    public var keys: [(keyring: String, peer: IKEv2KeyringPeer)] = []
    /// The keyring that the profile names and that is not there.
    public var missingKeyring: String?
}

extension IKEv2Profile {
    /// Whether it takes an identity; nil where a certificate decides.
    public func takes(_ identity: Identity) -> Bool? {
        if matches.contains(where: { $0.covers(identity) }) { return true }
        return certificateMaps.isEmpty ? false : nil
    }
}

extension IKEv2Identity {
    /// Whether an identity that a peer sent is this one, or one of these.
    public func covers(_ identity: Identity) -> Bool {
        switch (self, identity) {
        case (.any, _): true
        case (.address(let match), .address): match.covers(identity) == true
        case (.fqdn(let name), .fqdn(let text)): text.lowercased() == name
        case (.fqdnDomain(let domain), .fqdn(let text)): Self.isBelow(text.lowercased(), domain, mark: ".")
        case (.email(let name), .userFQDN(let text)): text.lowercased() == name
        case (.emailDomain(let domain), .userFQDN(let text)): Self.isBelow(text.lowercased(), domain, mark: "@")
        case (.keyID(let name), .keyID(let bytes)): Array(name.utf8) == bytes
        default: false
        }
    }

    private static func isBelow(_ text: String, _ domain: String, mark: String) -> Bool {
        text == domain || text.hasSuffix(mark + domain) || text.hasSuffix("." + domain)
    }
}

extension IOSConfig {
    /// Looks for the profile and the keys for a peer, as this router does when IKE_AUTH names it.
    ///
    /// - Parameter identity: what the peer says that it is; nil where that is not known.
    public func checkIKEv2Peer(_ identity: Identity?, at peer: IPAddress, local: IPAddress) -> IKEv2PeerCheck {
        var check = IKEv2PeerCheck()
        let own = interface(owning: local)
        for profile in ikev2.profiles {
            if own != nil, !profile.matchesAnyVRF, profile.vrf != own?.vrf {
                check.refusals.append((profile, "it is for another VRF"))
            } else if !profile.localAddresses.isEmpty,
                !profile.localAddresses.contains(where: { isLocal($0, local) != false })
            {
                check.refusals.append((profile, "it is for another address than \(local)"))
            } else {
                guard let identity else { continue }
                switch profile.takes(identity) {
                case true?:
                    check.profile = profile
                    fill(&check, profile, identity, peer)
                    return check
                case nil: check.isOpen = true
                case false?: check.refusals.append((profile, Self.says(profile)))
                }
            }
        }
        return check
    }

    private static func says(_ profile: IKEv2Profile) -> String {
        let words = profile.matches.prefix(4).map { "match identity remote \(IKEv2Text.identity($0))" }
        return words.isEmpty ? "it matches no identity" : words.joined(separator: ", ")
    }

    private func fill(_ check: inout IKEv2PeerCheck, _ profile: IKEv2Profile, _ identity: Identity, _ peer: IPAddress) {
        guard let name = profile.keyring else { return }
        guard let keyring = ikev2.keyring(name) else {
            check.missingKeyring = name
            return
        }
        check.keys = ikev2Keys(in: keyring, identity, peer).map { (name, $0) }
    }

    /// The entries of a keyring for a peer: by its identity, its address, or its name, the most exact first.
    private func ikev2Keys(in keyring: IKEv2Keyring, _ identity: Identity?, _ peer: IPAddress) -> [IKEv2KeyringPeer] {
        let fitting = keyring.peers.compactMap { entry -> (IKEv2KeyringPeer, Int)? in
            if let wanted = entry.identity, let identity, wanted.covers(identity) { return (entry, 0) }
            if let name = entry.hostname, addresses(of: name).contains(peer) { return (entry, 0) }
            guard let match = entry.address, match.covers(.address(peer)) == true else { return nil }
            return (entry, Self.breadth(match))
        }
        return fitting.enumerated().sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }.map(\.element.0)
    }

    /// The number of address bits that a match leaves open.
    private static func breadth(_ match: AddressMatch) -> Int {
        switch match {
        case .wildcard(_, let wildcard): wildcard.nonzeroBitCount
        case .prefix(let prefix): 128 - prefix.length
        case .any, .group: 128
        }
    }
}
