import ScopeDissect
import ScopeModel
import ScopeWire

extension IOSConfig {
    /// Reads a running configuration: any bytes give one.
    ///
    /// What has nothing to do with IPsec is passed over; what has and is not understood is in `unread`.
    /// - Parameter path: how it is named in findings.
    public init(bytes: [UInt8], path: String) {
        var reader = ConfigReader(path: path)
        var lines = ConfigLines(bytes)
        while let line = lines.next() { reader.take(line) }
        lines.wipe()
        self = reader.finish()
    }
}

/// Takes lines in; a line is understood by what it says and the block it stands in, not by its blanks alone: mail and
/// forms of the web lose them.
struct ConfigReader {
    enum Block {
        case none
        /// A block whose lines are of no interest.
        case other
        case policy(Int)
        case keyring(Int)
        case profile(Int)
        case group(Int)
        case transformSet(Int)
        case map(Int, Int)
        case dynamicMap(Int, Int)
        case ipsecProfile(Int)
        case accessList(Int)
        case interface(Int)
    }

    /// What became of a line.
    enum Outcome {
        case taken
        /// The block does not know it.
        case unknown
        case refused(String)
    }

    var config: IOSConfig
    var block = Block.none
    /// Places by name: a hostile file may have many names.
    var listPlaces: [String: Int] = [:]
    var setPlaces: [String: Int] = [:]
    var mapPlaces: [String: Int] = [:]
    var dynamicPlaces: [String: Int] = [:]
    /// Of each map, where which number stands; entries that were taken away leave their place empty.
    var entryPlaces: [[Int: Int]] = []
    var dynamicEntryPlaces: [[Int: Int]] = []
    var entryCount = 0
    var keyringPlaces: [String: [Int]] = [:]
    var profilePlaces: [String: [Int]] = [:]
    var interfacePlaces: [String: Int] = [:]
    /// Of each access list, where which number stands; entries that were taken away leave their place empty.
    var sequences: [Int: Sequences] = [:]

    struct Sequences {
        var places: [Int: Int] = [:]
        var highest = 0
    }

    static let removed = -1

    var ezvpnClients: Set<String> = []

    /// Whether lines of a block are set in here: counted on the first line of each.
    private var isBehindOpener = false
    private var indentedCount = 0
    private var flushCount = 0
    private var isInBanner: UInt8?
    private var isBehindNotice = false
    /// Lines of access lists that are not understood, by list: they matter where a crypto map names it.
    private var unreadEntries: [Int: (lines: [UnreadLine], count: Int)] = [:]

    /// Of each kind.
    static let most = 1 << 16

    init(path: String) { config = IOSConfig(path: path) }

    mutating func take(_ line: ConfigLine) {
        config.lineCount += 1
        if let mark = isInBanner {
            // Where its end was cut away, what can be no text ends it.
            guard line.has(0, "crypto"), !line.isIndented, line.count > 2 else {
                if line.words.contains(where: { $0.bytes.contains(mark) }) { isInBanner = nil }
                return
            }
            isInBanner = nil
        }
        guard let first = line.words.first else {
            if line.prompt == .exec { block = .none }
            return
        }
        if line.prompt == .exec { return block = .none }
        if first.bytes.first == UInt8(ascii: "!") {
            if line.count == 1, first.bytes.count == 1 {
                block = .none
                isBehindOpener = false
            }
            return
        }
        if first.equals("end") || first.abbreviates("exit", least: 2) { return block = .none }
        // What the router answers to a command that is typed in, and goes on with on the next line.
        if first.bytes.first == UInt8(ascii: "%") {
            isBehindNotice = true
            return
        }
        if isBehindNotice {
            isBehindNotice = false
            if line.isIndented, line.prompt == nil { return }
        }
        if isBehindOpener {
            isBehindOpener = false
            if line.isIndented { indentedCount += 1 } else { flushCount += 1 }
        }
        if case .refused(let why) = body(line) { return refuse(line, why) }
    }

    private mutating func body(_ line: ConfigLine) -> Outcome {
        let isOpener = begins(line)
        if !isOpener {
            switch inBlock(line) {
            case .taken: return .taken
            case .refused(let why): return .refused(why)
            case .unknown: break
            }
            if line.isIndented, case .accessList(let place) = block {
                refuse(line, "is not known in this place", inList: place)
                return .taken
            }
            if line.isIndented { return isStrict ? .refused("is not known in this place") : .taken }
        }
        guard isOpener else {
            // A command of another kind ends the block, where blocks can be told by their blanks.
            if indentedCount > flushCount || !isStrict && !inInterface { block = .other }
            return .taken
        }
        return open(line)
    }

    private var inInterface: Bool { if case .interface = block { true } else { false } }

    /// Whether every line of the block is to be understood.
    private var isStrict: Bool {
        switch block {
        case .policy, .keyring, .profile, .transformSet, .map, .dynamicMap, .ipsecProfile, .accessList: true
        case .none, .other, .group, .interface: false
        }
    }

    /// Whether the line begins something at the top, whatever block it stands behind.
    private func begins(_ line: ConfigLine) -> Bool {
        if line.has(0, "no") { return begins(line.dropFirst(1)) && line.count > 2 }
        if line[0].abbreviates("crypto", least: 2) {
            guard inInterface else { return true }
            // On an interface: `crypto map NAME`, `crypto ipsec client ezvpn NAME`, `crypto ipsec df-bit`.
            if line.has(1, "map") {
                return line.count > 3 && (line[3].number != nil || Self.isMapSetting(line[3]))
                    || line[2].equals("ipv6")
                        && line.count > 4
            }
            if line.has(1, "ipsec"), line.has(2, "client") { return !ezvpnClients.contains(line[4].text) }
            return !(line.has(1, "ipsec") && (line.has(2, "df-bit") || line.has(2, "fragmentation")))
        }
        if line.has(0, "ip") { return line.has(1, "access-list") || line.has(1, "host") }
        return line.has(0, "access-list") || line[0].abbreviates("interface", least: 3) || line.has(0, "hostname")
            || line.has(0, "banner") || line.has(0, "ipv6") && line.has(1, "access-list")
    }

    static func isMapSetting(_ word: ConfigWord) -> Bool {
        ["local-address", "client", "isakmp", "isakmp-profile", "gdoi", "redundancy"].contains(word.lowercased)
    }

    private mutating func inBlock(_ line: ConfigLine) -> Outcome {
        switch block {
        case .none, .other: .unknown
        case .policy(let index): policyLine(line, index)
        case .keyring(let index): keyringLine(line, index)
        case .profile(let index): profileLine(line, index)
        case .group(let index): groupLine(line, index)
        case .transformSet(let index): transformSetLine(line, index)
        case .map(let map, let entry): Self.mapLine(line, &config.maps[map].entries[entry])
        case .dynamicMap(let map, let entry): Self.mapLine(line, &config.dynamicMaps[map].entries[entry])
        case .ipsecProfile(let index): ipsecProfileLine(line, index)
        case .accessList(let index): accessListLine(line, index)
        case .interface(let index): Self.interfaceLine(line, &config.interfaces[index])
        }
    }

    private mutating func open(_ line: ConfigLine) -> Outcome {
        block = .none
        defer { if case .none = block {} else { isBehindOpener = true } }
        let isNo = line.has(0, "no")
        let line = isNo ? line.dropFirst(1) : line
        if line[0].abbreviates("crypto", least: 2) { return crypto(line, isNo: isNo) }
        if line.has(0, "access-list") { return isNo ? dropAccessList(line[1]) : numberedAccessList(line) }
        if line.has(0, "ip") {
            if line.has(1, "host") { return isNo ? .taken : host(line) }
            return namedAccessList(line, isNo: isNo)
        }
        if line.has(0, "ipv6") { return isNo ? .taken : newerAccessList(line) }
        if isNo { return .taken }
        if line.has(0, "hostname") {
            config.hostname = line.count > 1 ? line[1].text : nil
            return .taken
        }
        if line.has(0, "banner") {
            beginBanner(line)
            return .taken
        }
        return beginInterface(line)
    }

    private mutating func crypto(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let second = line[1]
        if second.abbreviates("isakmp", least: 3) { return isakmp(line.dropFirst(2), isNo: isNo) }
        if second.abbreviates("ipsec", least: 2) { return ipsec(line.dropFirst(2), isNo: isNo) }
        if second.equals("map") { return cryptoMap(line.dropFirst(2), isNo: isNo) }
        if second.abbreviates("dynamic-map", least: 3) { return dynamicMap(line.dropFirst(2), isNo: isNo) }
        if second.abbreviates("keyring", least: 4) { return beginKeyring(line, isNo: isNo) }
        if second.equals("ikev1") { return .refused("is the form of ASA, which is not read: only IOS and IOS XE") }
        // Certificates, IKEv2, GDOI, engines: of no interest here.
        block = .other
        return .taken
    }

    /// `banner motd ^C`: text up to the same mark, which may look like anything.
    private mutating func beginBanner(_ line: ConfigLine) {
        block = .other
        guard line.count > 2 else { return }
        let word = line[2].bytes
        // `^C` is how a control character is shown.
        let isShown = word.first == UInt8(ascii: "^") && word.count > 1
        guard let mark = word.first else { return }
        let rest = word.dropFirst(isShown ? 2 : 1)
        let isClosed = rest.contains(mark) || line.words(from: 3).contains { $0.bytes.contains(mark) }
        isInBanner = isClosed ? nil : mark
    }

    private mutating func host(_ line: ConfigLine) -> Outcome {
        let at = line.has(2, "vrf") ? 4 : 2
        guard line.count > at + 1, config.hosts.count < Self.most else { return .taken }
        let addresses = line.words(from: at + 1).compactMap(\.address)
        if !addresses.isEmpty { config.hosts[line[at].lowercased] = addresses }
        return .taken
    }

    mutating func refuse(_ line: ConfigLine, _ why: String) {
        config.unreadCount += 1
        guard config.unread.count < IOSConfig.mostUnreadLines else { return }
        config.unread.append(UnreadLine(number: line.number, text: Self.harmless(line), why: why))
    }

    /// A line of an access list; it is told of where it turns out that the list is a crypto map's.
    mutating func refuse(_ line: ConfigLine, _ why: String, inList place: Int) {
        config.accessLists[place].hasUnreadEntries = true
        var known = unreadEntries[place] ?? ([], 0)
        known.count += 1
        if known.lines.count < IOSConfig.mostUnreadLines, unreadEntries.count < 1024 {
            known.lines.append(UnreadLine(number: line.number, text: Self.harmless(line), why: why))
        }
        unreadEntries[place] = known
    }

    private mutating func tellUnreadEntries() {
        let named = Set((config.maps + config.dynamicMaps).flatMap { $0.entries.compactMap(\.accessList) })
        for (place, unread) in unreadEntries.sorted(by: { $0.key < $1.key })
        where named.contains(config.accessLists[place].name) {
            config.unreadCount += unread.count
            config.unread += unread.lines
        }
        config.unread.sort { $0.number < $1.number }
        config.unread.removeLast(max(config.unread.count - IOSConfig.mostUnreadLines, 0))
    }

    /// The beginning of a line, up to a word behind which a secret may stand, and up to the first that is no keyword.
    private static func harmless(_ line: ConfigLine) -> String {
        var words: [String] = []
        for word in line.words.prefix(12) {
            let text = word.lowercased
            guard keywords.contains(text) || word.number != nil && !words.isEmpty && !words.contains("isakmp") else {
                return (words + ["…"]).joined(separator: " ")
            }
            words.append(text)
            if ["key", "pre-shared-key", "session-key", "password"].contains(text) {
                return (words + ["…"]).joined(separator: " ")
            }
        }
        return words.joined(separator: " ") + (line.count > 12 ? " …" : "")
    }

    /// Words that a message may quote.
    private static let keywords: Set<String> = [
        "no", "crypto", "isakmp", "ipsec", "ikev1", "map", "dynamic-map", "keyring", "policy", "key", "profile",
        "transform-set", "set", "match", "peer", "pfs", "address", "identity", "security-association", "lifetime",
        "seconds", "kilobytes", "ip", "access-list", "extended", "standard", "permit", "deny", "tcp", "udp", "icmp",
        "esp", "ahp", "gre", "any", "host", "eq", "range", "encryption", "encr", "hash", "group", "authentication",
        "mode", "pre-shared-key", "session-key", "password", "hostname", "local-address", "self-identity", "client",
        "tunnel", "protection", "source", "destination", "interface", "ipv6", "object-group", "level", "inbound",
        "outbound", "ah", "ipsec-isakmp", "ipsec-manual", "dynamic", "certificate", "configuration", "vrf",
    ]

    mutating func finish() -> IOSConfig {
        tellUnreadEntries()
        config.policies.sort { $0.number < $1.number }
        config.keyrings.removeAll { $0.line == Self.removed }
        config.profiles.removeAll { $0.line == Self.removed }
        for index in config.maps.indices {
            config.maps[index].entries.removeAll { $0.number == Self.removed }
        }
        for index in config.dynamicMaps.indices {
            config.dynamicMaps[index].entries.removeAll { $0.number == Self.removed }
        }
        for index in config.maps.indices { config.maps[index].entries.sort { $0.number < $1.number } }
        for index in config.dynamicMaps.indices { config.dynamicMaps[index].entries.sort { $0.number < $1.number } }
        for index in config.accessLists.indices {
            config.accessLists[index].entries.removeAll { $0.sequence == Self.removed }
            config.accessLists[index].entries.sort { $0.sequence < $1.sequence }
        }
        return config
    }
}
