import ScopeDissect
import ScopeModel
import ScopeWire

extension IOSConfig {
    /// Reads a running configuration: any bytes give one.
    ///
    /// Lines that do not concern IPsec are ignored. Lines that do and were not understood are in `unread`.
    /// - Parameter path: its name in findings.
    public init(bytes: [UInt8], path: String) {
        var reader = ConfigReader(path: path)
        var lines = ConfigLines(bytes)
        while let line = lines.next() { reader.take(line) }
        lines.wipe()
        self = reader.finish()
    }
}

/// Reads a configuration line by line.
///
/// A line is understood by what it says and by the block in which it stands. Its blanks alone do not decide, because mail
/// and web forms lose them.
struct ConfigReader {
    enum Block {
        case none
        /// A block whose lines do not matter.
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
        case object(String)
        /// `tunnel-group NAME ipsec-attributes` of ASA.
        case tunnelGroup(String)
        case ikev2(IKEv2Block)
    }

    /// The result of reading a line.
    enum Outcome {
        case taken
        /// The block has no such line.
        case unknown
        case refused(String)
    }

    var config: IOSConfig
    var block = Block.none
    /// Places by name: a hostile file may have many names.
    var listPlaces: [String: Int] = [:]
    var setPlaces: [String: Int] = [:]
    var mapPlaces = MapPlaces()
    var dynamicPlaces = MapPlaces()
    /// Entries of all crypto maps.
    var entryCount = 0
    var keyringPlaces: [String: [Int]] = [:]
    var profilePlaces: [String: [Int]] = [:]
    var interfacePlaces: [String: Int] = [:]
    /// The places of each access list's entries by their numbers; an entry that was removed leaves its place empty.
    var sequences: [Int: Sequences] = [:]

    struct Sequences {
        var places: [Int: Int] = [:]
        var highest = 0
    }

    static let removed = -1

    var objects = ObjectGroups()
    /// The places of the access lists of IPv6.
    var v6Lists: Set<Int> = []
    /// `crypto map NAME interface NAMEIF` of ASA.
    var appliedMaps: [(map: String, interface: String)] = []

    var ezvpnClients: Set<String> = []
    /// Peers of all keyrings of IKEv2.
    var ikev2PeerCount = 0

    /// Whether this file indents the lines of a block, which is counted on the first line of each block.
    var isBehindOpener = false
    private var indentedCount = 0
    private var flushCount = 0
    /// The mark that ends the banner; nil outside of one.
    var isInBanner: UInt8?
    private var isBehindNotice = false
    /// Lines of access lists that were not understood, by list: they matter where a crypto map names the list.
    var unreadEntries: [Int: (lines: [UnreadLine], count: Int)] = [:]

    /// Blocks of each kind that are kept.
    static let most = 1 << 16

    init(path: String) { config = IOSConfig(path: path) }

    mutating func take(_ line: ConfigLine) {
        config.lineCount += 1
        if let mark = isInBanner {
            // The end may have been cut away: a line that can only be a command ends the banner, too.
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
                // Between the peers of a keyring stands an indented one.
                if case .ikev2(.peer(let keyring, _)) = block {
                    block = .ikev2(.keyring(keyring))
                } else {
                    block = .none
                }
                isBehindOpener = false
            }
            return
        }
        if first.equals("end") || first.abbreviates("exit", least: 2) { return block = .none }
        // The router's answer to a command that was typed in; it may go on on the next line.
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
            // Another command ends the block, where the file shows blocks by indentation.
            if indentedCount > flushCount || !isStrict && !inInterface { block = .other }
            return .taken
        }
        return open(line)
    }

    var inInterface: Bool { if case .interface = block { true } else { false } }

    /// Whether each line of the block has to be understood.
    private var isStrict: Bool {
        switch block {
        case .policy, .keyring, .profile, .transformSet, .map, .dynamicMap, .ipsecProfile, .accessList, .ikev2: true
        case .none, .other, .group, .interface, .object, .tunnelGroup: false
        }
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
        case .object(let name): objectLine(line, name)
        case .tunnelGroup(let name): tunnelGroupLine(line, name)
        case .ikev2(let block): ikev2Line(line, block)
        }
    }

    mutating func finish() -> IOSConfig {
        resolveObjects()
        settleASA()
        settleIKEv2()
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
