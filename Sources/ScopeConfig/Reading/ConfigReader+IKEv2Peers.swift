import ScopeDissect
import ScopeModel
import ScopeWire

/// Keyrings and profiles of IKEv2: who a peer is, and how it proves itself.
extension ConfigReader {
    // MARK: Keyrings

    mutating func beginIKEv2Keyring(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        let name = line[1].text
        if isNo {
            config.ikev2.keyrings.removeAll { $0.name == name }
            return .taken
        }
        var index = config.ikev2.keyrings.firstIndex { $0.name == name }
        if index == nil {
            guard config.ikev2.keyrings.count < Self.mostOfIKEv2 else { return .refused("is one keyring too many") }
            config.ikev2.keyrings.append(IKEv2Keyring(name: name, line: line.number))
            index = config.ikev2.keyrings.count - 1
        }
        if let index { block = .ikev2(.keyring(index)) }
        return .taken
    }

    mutating func ikev2KeyringLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        guard config.ikev2.keyrings.indices.contains(index) else { return .taken }
        if line.has(0, "no") || line.has(0, "description") { return .taken }
        guard line.has(0, "peer"), line.count > 1 else { return .unknown }
        // All peers of all keyrings share the bound, as a file may have one keyring with very many.
        guard ikev2PeerCount < Self.most else { return .refused("is one peer too many") }
        ikev2PeerCount += 1
        config.ikev2.keyrings[index].peers.append(IKEv2KeyringPeer(name: line[1].text, line: line.number))
        block = .ikev2(.peer(index, config.ikev2.keyrings[index].peers.count - 1))
        return .taken
    }

    mutating func peerLine(_ line: ConfigLine, _ keyring: Int, _ place: Int) -> Outcome {
        guard config.ikev2.keyrings.indices.contains(keyring),
            config.ikev2.keyrings[keyring].peers.indices.contains(place)
        else { return .taken }
        if line.has(0, "peer") { return ikev2KeyringLine(line, keyring) }
        return Self.peerLine(line, &config.ikev2.keyrings[keyring].peers[place])
    }

    private static func peerLine(_ line: ConfigLine, _ peer: inout IKEv2KeyringPeer) -> Outcome {
        switch line[0].lowercased {
        case "address":
            guard let match = ikev2Address(line.dropFirst(1)) else { return .refused("names no address") }
            peer.address = match
        case "hostname":
            guard line.count > 1 else { return .refused("names no host") }
            peer.hostname = line[1].lowercased
        case "identity":
            guard let identity = ikev2Identity(line.dropFirst(1)) else { return .refused("names no identity") }
            peer.identity = identity
        case "pre-shared-key":
            guard line.count > 1 else { return .refused("holds no key") }
            // A key may be the word `local` itself.
            let isOfSide = line.count > 2
            if isOfSide, line.has(1, "local") {
                peer.localKeyLine = line.number
            } else if isOfSide, line.has(1, "remote") {
                peer.remoteKeyLine = line.number
            } else {
                (peer.localKeyLine, peer.remoteKeyLine) = (line.number, line.number)
            }
        case "description", "ppk", "no": break
        default: return .unknown
        }
        return .taken
    }

    /// `A [MASK]`, `ipv6 PREFIX`, `0.0.0.0 0.0.0.0`.
    private static func ikev2Address(_ line: ConfigLine) -> AddressMatch? {
        if line.has(0, "ipv6") { return line[1].prefix.map { .prefix($0) } ?? ipv6(line[1]) }
        if line[0].v4 == 0 { return .any }
        if let address = line[0].address, address.isV6 { return ipv6(line[0]) }
        return addressMatch(line)
    }

    private static func ipv6(_ word: ConfigWord) -> AddressMatch? {
        if let prefix = word.prefix { return .prefix(prefix) }
        return word.address.flatMap { $0.isV6 ? IPPrefix($0, length: 128) : nil }.map { .prefix($0) }
    }

    /// `address A [MASK]`, `fqdn [domain] N`, `email [domain] N`, `key-id K`, `dn`, `any`.
    private static func ikev2Identity(_ line: ConfigLine) -> IKEv2Identity? {
        let isDomain = line.has(1, "domain") && line.count > 2
        let value = line[isDomain ? 2 : 1]
        switch line[0].lowercased {
        case "address": return ikev2Address(line.dropFirst(1)).map { .address($0) }
        case "fqdn" where line.count > 1:
            return isDomain ? .fqdnDomain(value.lowercased) : .fqdn(value.lowercased)
        case "email" where line.count > 1:
            return isDomain ? .emailDomain(value.lowercased) : .email(value.lowercased)
        case "key-id" where line.count > 1: return .keyID(value.text)
        case "dn": return .distinguishedName
        case "any": return .any
        default: return nil
        }
    }

    // MARK: Profiles

    mutating func beginIKEv2Profile(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        let name = line[1].text
        if isNo {
            config.ikev2.profiles.removeAll { $0.name == name }
            return .taken
        }
        var index = config.ikev2.profiles.firstIndex { $0.name == name }
        if index == nil {
            guard config.ikev2.profiles.count < Self.mostOfIKEv2 else { return .refused("is one profile too many") }
            config.ikev2.profiles.append(IKEv2Profile(name: name, line: line.number))
            index = config.ikev2.profiles.count - 1
        }
        if let index { block = .ikev2(.profile(index)) }
        return .taken
    }

    mutating func ikev2ProfileLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        guard config.ikev2.profiles.indices.contains(index) else { return .taken }
        return Self.profileLine(line, &config.ikev2.profiles[index])
    }

    private static func profileLine(_ line: ConfigLine, _ profile: inout IKEv2Profile) -> Outcome {
        switch line[0].lowercased {
        case "match": return match(line.dropFirst(1), &profile)
        case "identity" where line.has(1, "local"):
            guard let identity = ikev2Identity(line.dropFirst(2)) else { return .refused("names no identity") }
            profile.identity = identity
        case "authentication":
            guard line.count > 2, line.has(1, "local") || line.has(1, "remote") else {
                return .refused("names no authentication")
            }
            let method = method(line[2])
            // `pre-share key KEY`: the key stands here, and in no keyring.
            let hasKey = line.has(3, "key") && line.count > 4
            if line.has(1, "local") {
                profile.localMethod = method
                profile.localKeyLine = hasKey ? line.number : nil
            } else {
                if profile.remoteMethods.count < 16 { profile.remoteMethods.append(method) }
                if hasKey { profile.remoteKeyLine = line.number }
            }
        case "keyring":
            let at = line.has(1, "local") ? 2 : 1
            guard line.count > at else { return .refused("names no keyring") }
            profile.keyring = line.has(1, "aaa") ? nil : line[at].text
        case "virtual-template": profile.virtualTemplate = line[1].count
        default:
            let known = [
                "aaa", "anyconnect", "config-exchange", "config-mode", "description", "dpd", "eap",
                "ivrf", "lifetime", "nat", "no", "default", "pki", "ppk", "reconnect", "redirect", "shutdown",
                "identity",
            ]
            // `initial-contact force`, too.
            return known.contains(line[0].lowercased) || line[0].hasPrefix("initial") ? .taken : .unknown
        }
        return .taken
    }

    private static func match(_ line: ConfigLine, _ profile: inout IKEv2Profile) -> Outcome {
        let most = 256
        if line.has(0, "identity"), line.has(1, "remote") {
            guard let identity = ikev2Identity(line.dropFirst(2)) else {
                return .refused("matches nothing that is known")
            }
            guard profile.matches.count < most else { return .refused("is one match too many") }
            profile.matches.append(identity)
        } else if line.has(0, "certificate"), line.count > 1 {
            if profile.certificateMaps.count < most { profile.certificateMaps.append(line[1].text) }
        } else if line.has(0, "fvrf") {
            profile.matchesAnyVRF = line.has(1, "any")
            profile.vrf = line.has(1, "any") || line.count < 2 ? nil : line[1].text
        } else if line.has(0, "address"), line.has(1, "local") {
            let at = line.has(2, "interface") ? 3 : 2
            guard let address = localAddress(line.dropFirst(at)) else { return .refused("names no address") }
            if profile.localAddresses.count < most { profile.localAddresses.append(address) }
        } else {
            return .refused("matches nothing that is known")
        }
        return .taken
    }

    private static func method(_ word: ConfigWord) -> IKEv2Method {
        if word.abbreviates("pre-share", least: 3) { return .preShare }
        switch word.lowercased {
        case "rsa-sig": return .rsaSignature
        case "ecdsa-sig": return .ecdsaSignature
        case "eap", "eap-tls", "anyconnect-eap": return .eap
        default: return .other(word.text)
        }
    }
}
