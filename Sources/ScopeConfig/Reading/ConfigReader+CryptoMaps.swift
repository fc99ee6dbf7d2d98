import ScopeDissect
import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `crypto map [ipv6] NAME …`, from the name.
    mutating func cryptoMap(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let isIPv6 = line.has(0, "ipv6") && line.count > 2
        let line = isIPv6 ? line.dropFirst(1) : line
        guard line.count > 0 else { return .refused("has no name") }
        let name = line[0].text
        if isNo {
            mapPlaces.remove(name, entry: line[1].count, from: &config.maps)
            return .taken
        }
        guard let place = mapPlaces.map(name, in: &config.maps) else { return .refused("is one map too many") }
        config.maps[place].isIPv6 = isIPv6
        guard let number = line[1].count else { return mapSetting(line.dropFirst(1), place) }
        guard
            let entry = mapPlaces.entry(
                number, of: place, in: &config.maps, line: line.number, counted: &entryCount)
        else { return .refused("is one entry too many") }
        let words = line.dropFirst(2)
        // ASA writes each setting of an entry on a line like this one.
        if words.has(0, "set") || words.has(0, "match") {
            config.isASA = true
            return Self.wholeEntryLine(words, &config.maps[place].entries[entry])
        }
        block = .map(place, entry)
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
            return .refused("is not a known kind of entry")
        }
        return .taken
    }

    /// A setting of the whole map: `crypto map NAME …` without a number.
    private mutating func mapSetting(_ line: ConfigLine, _ place: Int) -> Outcome {
        switch line[0].lowercased {
        case "local-address" where line.count > 1:
            config.maps[place].localInterface = Self.interfaceName(line.dropFirst(1))
        case "interface" where line.count > 1:
            config.isASA = true
            if appliedMaps.count < Self.most { appliedMaps.append((config.maps[place].name, line[1].text)) }
        case "isakmp-profile" where line.count > 1: config.maps[place].profile = line[1].text
        case "client": if line.has(1, "authentication") { config.maps[place].asksForUser = true }
        case "isakmp", "gdoi", "redundancy", "discover": break
        default: return .refused("does not belong to a map that is known")
        }
        return .taken
    }

    /// `crypto dynamic-map NAME NUMBER`, from the name.
    mutating func dynamicMap(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 0 else { return .refused("has no name") }
        let name = line[0].text
        if isNo {
            dynamicPlaces.remove(name, entry: line[1].count, from: &config.dynamicMaps)
            return .taken
        }
        guard let number = line[1].count else { return .refused("has no number") }
        guard let place = dynamicPlaces.map(name, in: &config.dynamicMaps),
            let entry = dynamicPlaces.entry(
                number, of: place, in: &config.dynamicMaps, line: line.number, counted: &entryCount)
        else { return .refused("is one map too many") }
        if line.has(2, "set") || line.has(2, "match") {
            config.isASA = true
            return Self.wholeEntryLine(line.dropFirst(2), &config.dynamicMaps[place].entries[entry])
        }
        block = .dynamicMap(place, entry)
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
        return set(line.dropFirst(1), in: &entry)
    }

    mutating func ipsecProfileLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "no") { return .taken }
        guard line.has(0, "set") else {
            return ["description", "responder-only", "reverse-route", "default", "redundancy"]
                .contains(line[0].lowercased) ? .taken : .unknown
        }
        return Self.set(line.dropFirst(1), in: &config.ipsecProfiles[index])
    }

    /// `set …` as entries of maps and profiles both have it, from the second word.
    private static func set(_ line: ConfigLine, in settings: inout some SharedSettings) -> Outcome {
        switch line[0].lowercased {
        case "transform-set":
            guard line.count > 1 else { return .refused("names no transform set") }
            settings.transformSets = line.words(from: 1).prefix(16).map(\.text)
        case "pfs":
            guard line.count > 1 else {
                settings.pfs = .unnamed
                return .taken
            }
            let digits = line[1].hasPrefix("group") ? ConfigWord(bytes: line[1].bytes.dropFirst(5)) : line[1]
            guard let number = digits.count.flatMap(UInt16.init(exactly:)) else { return .refused("names no group") }
            settings.pfs = .group(DHGroup(rawValue: number))
        case "isakmp-profile":
            guard line.count > 1 else { return .refused("names no profile") }
            settings.profile = line[1].text
        case "ikev2-profile":
            guard line.count > 1 else { return .refused("names no profile") }
            settings.ikev2Profile = line[1].text
        case "security-association":
            return line.has(1, "lifetime") ? Self.lifetime(line.dropFirst(2), &settings.lifetime) : .taken
        case "identity", "ip", "nat", "reverse-route", "session-key", "group", "security-policy", "df-bit",
            "mixed-mode":
            break
        default: return .refused("sets nothing that is known")
        }
        return .taken
    }
}

/// The settings that an entry of a crypto map and an IPsec profile have in common.
private protocol SharedSettings {
    var transformSets: [String] { get set }
    var pfs: PFS { get set }
    var profile: String? { get set }
    var ikev2Profile: String? { get set }
    var lifetime: SALifetime { get set }
}

extension CryptoMapEntry: SharedSettings {}
extension IPsecProfile: SharedSettings {}

/// The places of crypto maps by their names, and of their entries by their numbers.
///
/// A map or an entry that was removed leaves its place empty, because the other places have to stay what they are.
struct MapPlaces {
    private var maps: [String: Int] = [:]
    /// For each map, the places of its entries by number.
    private var entries: [[Int: Int]] = []

    /// The map of this name, which is added where it is absent; nil when there are too many.
    mutating func map(_ name: String, in list: inout [CryptoMap]) -> Int? {
        if let place = maps[name] { return place }
        guard list.count < ConfigReader.most else { return nil }
        list.append(CryptoMap(name: name))
        entries.append([:])
        maps[name] = list.count - 1
        return list.count - 1
    }

    /// The entry of this number, which is added where it is absent; nil when `count`, that of all maps, is too large.
    mutating func entry(
        _ number: Int, of map: Int, in list: inout [CryptoMap], line: Int, counted count: inout Int
    ) -> Int? {
        if let place = entries[map][number] { return place }
        guard count < ConfigReader.most else { return nil }
        count += 1
        list[map].entries.append(CryptoMapEntry(number: number, line: line))
        entries[map][number] = list[map].entries.count - 1
        return list[map].entries.count - 1
    }

    /// Removes an entry of a map, or all of them where `number` is nil.
    mutating func remove(_ name: String, entry number: Int?, from list: inout [CryptoMap]) {
        guard let map = maps[name] else { return }
        guard let number else {
            list[map].entries = []
            entries[map] = [:]
            return
        }
        if let place = entries[map].removeValue(forKey: number) {
            list[map].entries[place].number = ConfigReader.removed
        }
    }
}
