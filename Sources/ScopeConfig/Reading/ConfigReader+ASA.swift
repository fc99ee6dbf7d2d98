import ScopeDissect
import ScopeModel
import ScopeWire

/// Commands that ASA writes in its own way.
extension ConfigReader {
    /// `tunnel-group NAME {type …|ipsec-attributes|general-attributes}`.
    mutating func beginTunnelGroup(_ line: ConfigLine) -> Outcome {
        config.isASA = true
        guard line.count > 2 else { return .refused("names no tunnel group") }
        guard line.has(2, "ipsec-attributes") else {
            block = .other
            return .taken
        }
        block = .tunnelGroup(line[1].text)
        return line.count > 3 ? tunnelGroupLine(line.dropFirst(3), line[1].text) : .taken
    }

    /// `ikev2 {local-authentication|remote-authentication} {pre-shared-key KEY|certificate …|eap}`.
    private mutating func ikev2Authentication(_ line: ConfigLine, _ name: String) -> Outcome {
        guard line.has(1, "pre-shared-key"), line.count > 2 else { return .taken }
        var index = config.ikev2.keyrings.firstIndex { $0.name == name }
        if index == nil {
            guard config.ikev2.keyrings.count < Self.mostOfIKEv2 else { return .refused("is one key too many") }
            var peer = IKEv2KeyringPeer(name: name, line: line.number)
            if let address = IPAddress(name) ?? config.hosts[name.lowercased()]?.first {
                peer.address = AddressMatch(host: address)
            } else if name.hasPrefix("Default") {
                peer.address = .any
            } else {
                peer.identity = .keyID(name)
            }
            config.ikev2.keyrings.append(IKEv2Keyring(name: name, peers: [peer], line: line.number))
            index = config.ikev2.keyrings.count - 1
        }
        guard let index, !config.ikev2.keyrings[index].peers.isEmpty else { return .taken }
        if line.has(0, "local-authentication") {
            config.ikev2.keyrings[index].peers[0].localKeyLine = line.number
        } else {
            config.ikev2.keyrings[index].peers[0].remoteKeyLine = line.number
        }
        return .taken
    }

    /// `[ikev1] pre-shared-key KEY`: the group's name is the peer's address, or the key id that it sends.
    mutating func tunnelGroupLine(_ line: ConfigLine, _ name: String) -> Outcome {
        if line.has(0, "ikev2") { return ikev2Authentication(line.dropFirst(1), name) }
        let words = line.has(0, "ikev1") ? line.dropFirst(1) : line
        guard words.has(0, "pre-shared-key"), words.count > 1 else { return .taken }
        guard config.keys.count < Self.most else { return .refused("is one key too many") }
        let selector: PeerSelector
        if let address = IPAddress(name) ?? config.hosts[name.lowercased()]?.first {
            selector = .address(AddressMatch(host: address))
        } else if name.hasPrefix("Default") {
            selector = .address(.any)
        } else {
            selector = .hostname(name.lowercased())
            if config.groups.count < Self.most {
                var group = ClientGroup(name: name, line: line.number)
                group.hasKey = true
                config.groups.append(group)
            }
        }
        config.keys.append(ConfiguredKey(peer: selector, line: line.number))
        return .taken
    }

    /// `crypto map NAME NUMBER {match|set|ipsec-isakmp} …` on one line; the words behind the number.
    static func wholeEntryLine(_ line: ConfigLine, _ entry: inout CryptoMapEntry) -> Outcome {
        guard line.has(0, "set") else { return mapLine(line, &entry) }
        switch line[1].lowercased {
        case "peer":
            for word in line.words(from: 2) where entry.peers.count < 64 {
                entry.peers.append(ConfiguredPeer(text: word.lowercased, isDefault: false))
            }
            return line.count > 2 ? .taken : .refused("names no peer")
        case "ikev1": return mapLine(line.without(1), &entry)
        case "pfs" where line.count == 2:
            // The default is group 2; current releases have no smaller one.
            entry.pfs = .group(.modp1024)
            return .taken
        case "ikev2":
            if line.has(2, "ipsec-proposal") { entry.ikev2Proposals = line.words(from: 3).prefix(16).map(\.text) }
            return .taken
        case "connection-type", "nat-t-disable", "phase1-mode", "reverse-route", "trustpoint", "tfc-packets",
            "validate-icmp-errors", "df-bit", "inheritance":
            return .taken
        default: return mapLine(line, &entry)
        }
    }

    /// Applies maps to the interfaces that ASA names by `nameif`, and turns off the defaults that ASA does not have.
    mutating func settleASA() {
        if config.interfaces.contains(where: { $0.alias != nil }) { config.isASA = true }
        guard config.isASA else { return }
        config.allowsDefaultPolicies = false
        config.allowsDefaultTransformSets = false
        for applied in appliedMaps {
            guard let index = config.interfaces.firstIndex(where: { $0.alias == applied.interface }) else { continue }
            config.interfaces[index].cryptoMap = applied.map
        }
    }
}
