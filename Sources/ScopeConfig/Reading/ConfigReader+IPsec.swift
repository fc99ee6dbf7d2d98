import ScopeDissect
import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `crypto ipsec …`, from the third word.
    mutating func ipsec(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let first = line[0]
        if first.abbreviates("transform-set", least: 5) { return beginTransformSet(line, isNo: isNo) }
        if first.equals("profile") {
            guard line.count > 1, !isNo else { return .taken }
            guard config.ipsecProfiles.count < Self.most else { return .refused("is one profile too many") }
            config.ipsecProfiles.append(IPsecProfile(name: line[1].text, line: line.number))
            block = .ipsecProfile(config.ipsecProfiles.count - 1)
            return .taken
        }
        if first.equals("security-association") {
            guard line.has(1, "lifetime"), !isNo else { return .taken }
            return Self.lifetime(line.dropFirst(2), &config.lifetime)
        }
        if first.equals("default"), line.has(1, "transform-set") {
            config.allowsDefaultTransformSets = !isNo
            return .taken
        }
        if first.equals("client") {
            if ezvpnClients.count < Self.most { ezvpnClients.insert(line[2].text) }
            block = .other
            return .taken
        }
        if first.equals("ikev1") { return .refused("is the form of ASA, which is not read: only IOS and IOS XE") }
        return .taken
    }

    /// `{seconds N | kilobytes {N | disable}}`, `days N`.
    private static func lifetime(_ line: ConfigLine, _ lifetime: inout SALifetime) -> Outcome {
        guard line.count > 1 else { return .refused("names no lifetime") }
        if line[0].abbreviates("seconds", least: 1) {
            guard let seconds = line[1].number else { return .refused("names no lifetime") }
            lifetime.seconds = seconds
        } else if line.has(0, "days") {
            guard let days = line[1].count else { return .refused("names no lifetime") }
            lifetime.seconds = UInt64(days) * 86_400
        } else if line[0].abbreviates("kilobytes", least: 1) {
            if line.has(1, "disable") {
                lifetime.isWithoutKilobytes = true
            } else {
                guard let kilobytes = line[1].number else { return .refused("names no lifetime") }
                lifetime.kilobytes = kilobytes
            }
        } else {
            return .refused("names no lifetime")
        }
        return .taken
    }

    // MARK: Transform sets

    private mutating func beginTransformSet(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        let name = line[1].text
        if isNo {
            // The place stays, for there are others behind it.
            if let index = setPlaces.removeValue(forKey: name) { config.transformSets[index].transforms = [] }
            return .taken
        }
        var set = TransformSet(name: name, line: line.number)
        var at = 2
        var unknown: String?
        while at < line.count {
            var word = line[at].lowercased
            at += 1
            if ["esp-aes", "esp-gcm", "esp-gmac", "esp-seal"].contains(word), let bits = line[at].number {
                at += 1
                if bits != 128 || word == "esp-seal" { word += " \(bits)" }
            }
            guard let transform = ConfiguredTransform.words[word] else {
                unknown = unknown ?? word
                continue
            }
            if set.transforms.count < 8 { set.transforms.append(transform) }
        }
        guard unknown == nil, !set.transforms.isEmpty else {
            return .refused(
                unknown.map { "names a transform that is not known: \($0)" } ?? "names no transform")
        }
        if let index = setPlaces[name] {
            config.transformSets[index] = set
            block = .transformSet(index)
        } else {
            guard config.transformSets.count < Self.most else { return .refused("is one transform set too many") }
            config.transformSets.append(set)
            setPlaces[name] = config.transformSets.count - 1
            block = .transformSet(config.transformSets.count - 1)
        }
        return .taken
    }

    mutating func transformSetLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "mode") {
            switch line[1].lowercased {
            case "tunnel": config.transformSets[index].mode = .tunnel
            case "transport":
                config.transformSets[index].mode = line.has(2, "require") ? .transportOnly : .transport
            default: return .refused("names no mode")
            }
            return .taken
        }
        if line.has(0, "no"), line.has(1, "mode") {
            config.transformSets[index].mode = .tunnel
            return .taken
        }
        return .unknown
    }

    // MARK: Crypto maps

    /// `crypto map [ipv6] NAME …`, from the name.
    mutating func cryptoMap(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let isIPv6 = line.has(0, "ipv6") && line.count > 2
        let line = isIPv6 ? line.dropFirst(1) : line
        guard line.count > 0 else { return .refused("has no name") }
        let name = line[0].text
        if isNo { return Self.removeMap(name, line[1].count, &config.maps, mapPlaces, &entryPlaces) }
        guard let place = Self.place(name, &config.maps, &mapPlaces, &entryPlaces) else {
            return .refused("is one map too many")
        }
        config.maps[place].isIPv6 = isIPv6
        guard let number = line[1].count else { return mapSetting(line.dropFirst(1), place) }
        // ASA has the whole of an entry on lines of its own.
        if line.has(2, "set") || line.has(2, "match") {
            return .refused("is the form of ASA, which is not read: only IOS and IOS XE")
        }
        guard
            let entry = Self.entry(number, in: &config.maps[place], &entryPlaces[place], &entryCount, line.number)
        else {
            return .refused("is one entry too many")
        }
        block = .map(place, entry)
        let words = line.dropFirst(2)
        if words.has(0, "ipsec-manual") {
            config.maps[place].entries[entry].kind = .manual
        } else if words.has(0, "gdoi") {
            config.maps[place].entries[entry].kind = .gdoi
        } else if words.has(0, "ipsec-isakmp") {
            if words.has(1, "dynamic"), words.count > 2 {
                config.maps[place].entries[entry].kind = .dynamic(words[2].text)
            }
            if let at = words.first("profile"), words.count > at + 1 {
                config.maps[place].entries[entry].profile = words[at + 1].text
            }
        } else if words.count > 0 {
            return .refused("is no kind of entry that is known")
        }
        return .taken
    }

    /// What `crypto map NAME` says of the map as a whole.
    private mutating func mapSetting(_ line: ConfigLine, _ place: Int) -> Outcome {
        switch line[0].lowercased {
        case "local-address" where line.count > 1:
            config.maps[place].localInterface = Self.interfaceName(line.dropFirst(1))
        case "isakmp-profile" where line.count > 1: config.maps[place].profile = line[1].text
        case "client": if line.has(1, "authentication") { config.maps[place].asksForUser = true }
        case "isakmp", "gdoi", "redundancy", "discover": break
        default: return .refused("says nothing of a map that is known")
        }
        return .taken
    }

    /// `crypto dynamic-map NAME NUMBER`, from the name.
    mutating func dynamicMap(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 0 else { return .refused("has no name") }
        let name = line[0].text
        if isNo {
            return Self.removeMap(name, line[1].count, &config.dynamicMaps, dynamicPlaces, &dynamicEntryPlaces)
        }
        guard let number = line[1].count else { return .refused("has no number") }
        if line.has(2, "set") || line.has(2, "match") {
            return .refused("is the form of ASA, which is not read: only IOS and IOS XE")
        }
        guard let place = Self.place(name, &config.dynamicMaps, &dynamicPlaces, &dynamicEntryPlaces),
            let entry = Self.entry(
                number, in: &config.dynamicMaps[place], &dynamicEntryPlaces[place], &entryCount, line.number)
        else { return .refused("is one map too many") }
        block = .dynamicMap(place, entry)
        return .taken
    }

    private static func place(
        _ name: String, _ maps: inout [CryptoMap], _ places: inout [String: Int], _ entries: inout [[Int: Int]]
    ) -> Int? {
        if let place = places[name] { return place }
        guard maps.count < most else { return nil }
        maps.append(CryptoMap(name: name))
        entries.append([:])
        places[name] = maps.count - 1
        return maps.count - 1
    }

    private static func entry(
        _ number: Int, in map: inout CryptoMap, _ places: inout [Int: Int], _ count: inout Int, _ line: Int
    ) -> Int? {
        if let place = places[number] { return place }
        guard count < most else { return nil }
        count += 1
        map.entries.append(CryptoMapEntry(number: number, line: line))
        places[number] = map.entries.count - 1
        return map.entries.count - 1
    }

    /// Marks what is taken away: places of others stay what they are.
    private static func removeMap(
        _ name: String, _ number: Int?, _ maps: inout [CryptoMap], _ places: [String: Int],
        _ entries: inout [[Int: Int]]
    ) -> Outcome {
        guard let place = places[name] else { return .taken }
        guard let number else {
            maps[place].entries = []
            entries[place] = [:]
            return .taken
        }
        if let index = entries[place].removeValue(forKey: number) { maps[place].entries[index].number = removed }
        return .taken
    }

    static func mapLine(_ line: ConfigLine, _ entry: inout CryptoMapEntry) -> Outcome {
        if line.has(0, "match"), line.has(1, "address") {
            guard line.count > 2 else { return .refused("names no access list") }
            entry.accessList = line[2].text
            return .taken
        }
        if line.has(0, "no") { return .taken }
        guard line.has(0, "set") else {
            return ["description", "reverse-route", "qos", "match", "default"].contains(line[0].lowercased)
                ? .taken : .unknown
        }
        if line.has(1, "peer") {
            guard line.count > 2 else { return .refused("names no peer") }
            if entry.peers.count < 64 {
                entry.peers.append(ConfiguredPeer(text: line[2].lowercased, isDefault: line.has(3, "default")))
            }
            return .taken
        }
        if line.has(1, "security-association"), line.has(2, "level") {
            entry.isPerHost = line.has(3, "per-host")
            return .taken
        }
        return set(
            line.dropFirst(1), &entry.transformSets, &entry.pfs, &entry.profile, &entry.ikev2Profile, &entry.lifetime)
    }

    mutating func ipsecProfileLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "no") { return .taken }
        guard line.has(0, "set") else {
            return ["description", "responder-only", "reverse-route", "default", "redundancy"]
                .contains(line[0].lowercased) ? .taken : .unknown
        }
        var profile = config.ipsecProfiles[index]
        defer { config.ipsecProfiles[index] = profile }
        return Self.set(
            line.dropFirst(1), &profile.transformSets, &profile.pfs, &profile.profile, &profile.ikev2Profile,
            &profile.lifetime)
    }

    /// `set …` that maps and profiles have in common, from the second word.
    private static func set(
        _ line: ConfigLine, _ sets: inout [String], _ pfs: inout PFS, _ profile: inout String?,
        _ ikev2Profile: inout String?, _ lifetime: inout SALifetime
    ) -> Outcome {
        switch line[0].lowercased {
        case "transform-set":
            guard line.count > 1 else { return .refused("names no transform set") }
            sets = line.words(from: 1).prefix(16).map(\.text)
        case "pfs":
            guard line.count > 1 else {
                pfs = .unnamed
                return .taken
            }
            let digits = line[1].hasPrefix("group") ? ConfigWord(bytes: line[1].bytes.dropFirst(5)) : line[1]
            guard let number = digits.count.flatMap(UInt16.init(exactly:)) else { return .refused("names no group") }
            pfs = .group(DHGroup(rawValue: number))
        case "isakmp-profile":
            guard line.count > 1 else { return .refused("names no profile") }
            profile = line[1].text
        case "ikev2-profile":
            guard line.count > 1 else { return .refused("names no profile") }
            ikev2Profile = line[1].text
        case "security-association":
            return line.has(1, "lifetime") ? Self.lifetime(line.dropFirst(2), &lifetime) : .taken
        case "identity", "ip", "nat", "reverse-route", "session-key", "group", "security-policy", "df-bit",
            "mixed-mode":
            break
        default: return .refused("sets nothing that is known")
        }
        return .taken
    }
}
