import ScopeDissect
import ScopeModel
import ScopeWire

extension ConfigReader {
    mutating func beginProfile(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        if isNo {
            for index in profilePlaces.removeValue(forKey: line[1].text) ?? [] {
                config.profiles[index].line = Self.removed
            }
            return .taken
        }
        guard config.profiles.count < 4096 else { return .refused("is one profile too many") }
        config.profiles.append(ISAKMPProfile(name: line[1].text, line: line.number))
        profilePlaces[line[1].text, default: []].append(config.profiles.count - 1)
        block = .profile(config.profiles.count - 1)
        return .taken
    }

    mutating func profileLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        let first = line[0]
        if first.equals("match") { return profileMatch(line.dropFirst(1), index) }
        if first.equals("keyring"), line.count > 1 {
            if config.profiles[index].keyrings.count < 64 { config.profiles[index].keyrings.append(line[1].text) }
        } else if first.equals("vrf"), line.count == 2 {
            config.profiles[index].vrf = line[1].text
        } else if first.equals("self-identity") {
            guard let identity = Self.selfIdentity(line.dropFirst(1)) else { return .refused("names no identity") }
            config.profiles[index].selfIdentity = identity
        } else if first.equals("local-address") {
            guard let address = Self.localAddress(line.dropFirst(1)) else { return .refused("names no address") }
            config.profiles[index].localAddress = address
        } else if first.equals("client") {
            if line.has(1, "authentication") { config.profiles[index].asksForUser = true }
        } else if first.equals("virtual-template") {
            config.profiles[index].virtualTemplate = line[1].count
        } else if first.equals("initiate") {
            config.profiles[index].initiatesAggressiveMode = line.has(1, "mode") && line.has(2, "aggressive")
        } else {
            let known = ["isakmp", "ca", "accounting", "keepalive", "qos-group", "description", "no", "default"]
            return known.contains(first.lowercased) ? .taken : .unknown
        }
        return .taken
    }

    private mutating func profileMatch(_ line: ConfigLine, _ index: Int) -> Outcome {
        guard config.profiles[index].matches.count < 256 else { return .refused("is one match too many") }
        let match: IdentityMatch?
        if line.has(0, "certificate"), line.count > 1 {
            match = .certificate(line[1].text)
        } else if line.has(0, "identity"), line.count > 2 {
            let value = line.dropFirst(2)
            switch line[1].lowercased {
            case "address":
                let (at, isV6) = value.has(0, "ipv6") ? (1, true) : (0, false)
                let behind = isV6 || value[1].v4 == nil ? at + 1 : 2
                let isAny = !isV6 && value[0].v4 == 0 && value[1].v4 == nil
                match = (isAny ? .any : Self.addressMatch(value.dropFirst(at))).map {
                    .address($0, vrf: value.count > behind ? value[behind].text : nil)
                }
            case "host":
                match =
                    value.has(0, "domain") && value.count > 1
                    ? .hostDomain(value[1].lowercased) : .host(value[0].lowercased)
            case "user":
                let isNamed = value.has(0, "fqdn") && value.count > 1
                match =
                    value.has(0, "domain") && value.count > 1
                    ? .userDomain(value[1].lowercased) : .user(value[isNamed ? 1 : 0].lowercased)
            case "group": match = .group(value[0].text)
            default: match = nil
            }
        } else {
            match = nil
        }
        guard let match else { return .refused("matches nothing that is known") }
        config.profiles[index].matches.append(match)
        return .taken
    }

    static func selfIdentity(_ line: ConfigLine) -> SelfIdentity? {
        guard line.count > 0 else { return nil }
        if let address = line[0].address { return .fixed(address) }
        switch line[0].lowercased {
        case "address": return line[1].address.map { .fixed($0) } ?? .address
        case "hostname", "fqdn": return line.count > 1 ? .fqdn(line[1].text) : .hostname
        case "dn": return .distinguishedName
        case "auto": return .automatic
        case "user-fqdn", "user":
            let at = line.has(1, "fqdn") ? 2 : 1
            return line.count > at ? .userFQDN(line[at].text) : nil
        default: return nil
        }
    }
}
