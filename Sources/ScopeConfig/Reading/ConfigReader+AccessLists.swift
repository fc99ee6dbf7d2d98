import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `ip access-list {extended|standard} NAME`; anything else about lists is passed over.
    mutating func namedAccessList(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let isExtended = line[2].abbreviates("extended", least: 3)
        guard isExtended || line[2].abbreviates("standard", least: 3) else { return .taken }
        guard line.count > 3 else { return .refused("has no name") }
        if isNo { return dropAccessList(line[3]) }
        guard let place = list(line[3].text, isExtended: isExtended, line.number) else {
            return .refused("is one access list too many")
        }
        block = .accessList(place)
        return .taken
    }

    /// `access-list NUMBER …` on one line.
    mutating func numberedAccessList(_ line: ConfigLine) -> Outcome {
        guard line.count > 2 else { return .refused("has no entry") }
        let number = line[1].count ?? 0
        let isExtended = (100...199).contains(number) || (2000...2699).contains(number)
        guard isExtended || (1...99).contains(number) || (1300...1999).contains(number) else {
            // Bridges, IPX, AppleTalk; or the form of ASA, with a name.
            guard line[1].number == nil || line.has(2, "extended") || line.has(2, "standard") else { return .taken }
            return wholeListLine(line)
        }
        if line.has(2, "extended") || line.has(2, "standard") { return wholeListLine(line) }
        guard let place = list(line[1].text, isExtended: isExtended, line.number) else {
            return .refused("is one access list too many")
        }
        return add(line.dropFirst(2), to: place, sequence: nil)
    }

    /// `access-list NAME [line N] {extended|standard} …` of ASA, whose masks are those of subnets.
    private mutating func wholeListLine(_ line: ConfigLine) -> Outcome {
        var words = line.dropFirst(2)
        if words.has(0, "line") { words = words.dropFirst(2) }
        // Other kinds are for web pages and routes.
        if words.has(0, "ethertype") || words.has(0, "webtype") || words.has(0, "rename") { return .taken }
        let isStandard = words.has(0, "standard")
        if words.has(0, "extended") || isStandard { words = words.dropFirst(1) }
        guard words[0].abbreviates("permit", least: 1) || words.has(0, "deny") || words.has(0, "remark") else {
            return .taken
        }
        guard let place = list(line[1].text, isExtended: !isStandard, line.number) else {
            return .refused("is one access list too many")
        }
        config.isASA = true
        return add(words, to: place, sequence: nil, .subnet)
    }

    /// `ipv6 access-list NAME`.
    mutating func newerAccessList(_ line: ConfigLine) -> Outcome {
        guard line.count > 2, let place = list(line[2].text, isExtended: true, line.number) else {
            block = .other
            return .taken
        }
        v6Lists.insert(place)
        block = .accessList(place)
        return .taken
    }

    mutating func accessListLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if v6Lists.contains(index) {
            let isNumbered = line.has(0, "sequence")
            let sequence = isNumbered ? line[1].count : nil
            guard !line.has(0, "no") else {
                refuse(line, "takes away what cannot be told", inList: index)
                return .taken
            }
            return add(line.dropFirst(isNumbered ? 2 : 0), to: index, sequence: sequence, .v6)
        }
        if let sequence = line[0].count { return add(line.dropFirst(1), to: index, sequence: sequence) }
        if line.has(0, "no") {
            guard let sequence = line[1].count else {
                refuse(line, "takes away what cannot be told", inList: index)
                return .taken
            }
            if let place = sequences[index]?.places.removeValue(forKey: sequence) {
                config.accessLists[index].entries[place].sequence = Self.removed
            }
            return .taken
        }
        return add(line, to: index, sequence: nil)
    }

    /// Empties it: places of others stay what they are.
    mutating func dropAccessList(_ name: ConfigWord) -> Outcome {
        if let place = listPlaces[name.text] {
            config.accessLists[place].entries = []
            sequences[place] = nil
        }
        return .taken
    }

    /// An entry takes the place of one with its number.
    private mutating func put(_ entry: AccessEntry, in place: Int) {
        if let known = sequences[place]?.places[entry.sequence] {
            config.accessLists[place].entries[known] = entry
            return
        }
        config.accessLists[place].entries.append(entry)
        let index = config.accessLists[place].entries.count - 1
        sequences[place, default: Sequences()].places[entry.sequence] = index
        let highest = max(sequences[place]?.highest ?? 0, entry.sequence)
        sequences[place]?.highest = highest
    }

    private mutating func list(_ name: String, isExtended: Bool, _ line: Int) -> Int? {
        if let place = listPlaces[name] { return place }
        guard config.accessLists.count < Self.most else { return nil }
        config.accessLists.append(AccessList(name: name, isExtended: isExtended, line: line))
        listPlaces[name] = config.accessLists.count - 1
        return config.accessLists.count - 1
    }

    /// `{permit|deny} PROTOCOL SOURCE [PORTS] DESTINATION [PORTS] …`; of a standard list the source alone.
    private mutating func add(
        _ line: ConfigLine, to place: Int, sequence: Int?, _ dialect: EntryWords.Dialect = .wildcard
    ) -> Outcome {
        if line[0].abbreviates("remark", least: 3) || line.has(0, "evaluate") { return .taken }
        let permits = line[0].abbreviates("permit", least: 1)
        guard permits || line[0].abbreviates("deny", least: 1) else { return .unknown }
        guard config.accessLists[place].entries.count < Self.most else { return .refused("is one entry too many") }
        // As IOS counts where no number is given: ten more than the last.
        let number = sequence ?? (sequences[place]?.highest ?? 0) + 10
        var entry = AccessEntry(sequence: number, permits: permits, line: line.number)
        var words = EntryWords(line.dropFirst(1), dialect)
        let why: String? = config.accessLists[place].isExtended ? words.extended(&entry) : words.standard(&entry)
        if let why {
            refuse(line, why, inList: place)
            return .taken
        }
        entry.options = words.rest.prefix(16).map(\.text)
        // Neither decides anything on ASA.
        if dialect == .subnet, entry.options.contains("inactive") { return .taken }
        put(entry, in: place)
        return .taken
    }
}

/// The words of an entry, taken from the left.
struct EntryWords {
    /// How addresses are written.
    enum Dialect {
        /// IOS.
        case wildcard
        /// ASA.
        case subnet
        /// IPv6 of IOS.
        case v6
    }

    private let line: ConfigLine
    private let dialect: Dialect
    private var at = 0

    init(_ line: ConfigLine, _ dialect: Dialect = .wildcard) { (self.line, self.dialect) = (line, dialect) }

    /// Passes over this word, if it is the next one.
    mutating func skip(_ keyword: StaticString) -> Bool {
        guard line.has(at, keyword) else { return false }
        at += 1
        return true
    }

    var rest: ArraySlice<ConfigWord> { line.words(from: at) }

    private mutating func take() -> ConfigWord {
        defer { at += 1 }
        return line[at]
    }

    /// Nil when all is well, else what is wrong.
    mutating func extended(_ entry: inout AccessEntry) -> String? {
        let word = take()
        var takesPorts = true
        if word.equals("object-group") || word.equals("object") {
            let name = take().text
            guard !name.isEmpty else { return "names no protocol that is known" }
            entry.groups.service = name
            takesPorts = false
        } else if word.equals("ipv6"), dialect == .v6 {
            entry.protocolID = 0
        } else {
            guard let protocolID = ConfigReader.protocolID(word) else { return "names no protocol that is known" }
            entry.protocolID = protocolID
        }
        guard let source = address() else { return "has no source that can be read" }
        entry.source = source
        let hasPorts = takesPorts && [6, 17, 132].contains(entry.protocolID)
        if hasPorts {
            if let name = portGroup(beforeAddress: true) {
                entry.groups.sourcePorts = name
            } else {
                guard let ports = ports() else { return "has ports that cannot be read" }
                entry.sourcePorts = ports
            }
        }
        guard let destination = address() else { return "has no destination that can be read" }
        entry.destination = destination
        if hasPorts || !takesPorts {
            if let name = portGroup(beforeAddress: false) {
                // ASA's group of protocols, with ports of its own behind the address.
                if !takesPorts { (entry.groups.protocols, entry.groups.service) = (entry.groups.service, nil) }
                entry.groups.destinationPorts = name
            } else {
                guard let ports = ports() else { return "has ports that cannot be read" }
                if !takesPorts, ports != .any {
                    (entry.groups.protocols, entry.groups.service) = (entry.groups.service, nil)
                }
                entry.destinationPorts = ports
            }
        }
        return nil
    }

    /// `object-group NAME` where ports may stand: before the destination it is one only when another address follows.
    private mutating func portGroup(beforeAddress: Bool) -> String? {
        guard dialect == .subnet, line.has(at, "object-group") || line.has(at, "object") else { return nil }
        if beforeAddress {
            let next = line[at + 2]
            let isAddress = ["any", "any4", "any6", "host", "object", "object-group", "interface"]
                .contains(next.lowercased)
            guard isAddress || next.v4 != nil || next.prefix != nil else { return nil }
        }
        at += 2
        return line[at - 1].text
    }

    mutating func standard(_ entry: inout AccessEntry) -> String? {
        // A host may stand without a mask.
        if let address = line[0].v4, line[1].v4 == nil {
            at = 1
            entry.source = AddressMatch(address, wildcard: 0)
            return nil
        }
        guard let source = address() else { return "has no address that can be read" }
        entry.source = source
        return nil
    }

    private mutating func address() -> AddressMatch? {
        let word = take()
        if word.equals("any") { return dialect == .v6 ? .anyV6 : .any }
        if word.equals("any4"), dialect == .subnet { return .any }
        if word.equals("any6"), dialect == .subnet { return .anyV6 }
        if word.equals("host") {
            guard let address = take().address, dialect == .subnet || address.isV6 == (dialect == .v6) else {
                return nil
            }
            return AddressMatch(host: address)
        }
        if word.equals("object-group") || word.equals("object") {
            let name = take()
            return name.isEmpty ? nil : .group(name.text)
        }
        if word.bytes.contains(UInt8(ascii: ":")) {
            return dialect == .wildcard ? nil : word.prefix.map { AddressMatch($0) }
        }
        guard dialect != .v6, let address = word.v4, let mask = take().v4 else { return nil }
        return AddressMatch(address, wildcard: dialect == .subnet ? ~mask : mask)
    }

    /// Ports behind an address; nil for ports that cannot be read.
    mutating func ports() -> PortMatch? {
        switch line[at].lowercased {
        case "eq": return list().map { .equal($0) }
        case "neq": return list().map { .notEqual($0) }
        case "gt": return one().map { .greater($0) }
        case "lt": return one().map { .less($0) }
        case "range":
            guard let first = one(), let last = one(stepping: false) else { return nil }
            return .range(min(first, last), max(first, last))
        default: return .any
        }
    }

    /// The word behind the operator, or the next one.
    private mutating func one(stepping: Bool = true) -> UInt16? {
        if stepping { at += 1 }
        return IOSNames.port(take())
    }

    private mutating func list() -> [UInt16]? {
        guard let first = one() else { return nil }
        var ports = [first]
        while ports.count < 10, let next = IOSNames.port(line[at]) {
            ports.append(next)
            at += 1
        }
        return ports
    }
}

/// Protocols and ports by the names that IOS gives them.
enum IOSNames {
    static let protocols: [String: UInt8] = [
        "ip": 0, "icmp": 1, "igmp": 2, "ipinip": 4, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ahp": 51, "eigrp": 88,
        "ospf": 89, "icmp6": 58, "ah": 51, "nos": 94, "pim": 103, "pcp": 108, "sctp": 132,
    ]

    static func port(_ word: ConfigWord) -> UInt16? {
        word.number.map { UInt16(exactly: $0) } ?? ports[word.lowercased]
    }

    private static let ports: [String: UInt16] = [
        "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "telnet": 23, "smtp": 25,
        "time": 37, "nameserver": 42, "whois": 43, "tacacs": 49, "domain": 53, "http": 80, "ssh": 22, "bootps": 67,
        "bootpc": 68, "tftp": 69,
        "gopher": 70, "finger": 79, "www": 80, "hostname": 101, "pop2": 109, "pop3": 110, "sunrpc": 111, "ident": 113,
        "nntp": 119, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ss": 139, "snmp": 161,
        "snmptrap": 162, "xdmcp": 177, "bgp": 179, "irc": 194, "dnsix": 195, "mobile-ip": 434, "pim-auto-rp": 496,
        "https": 443, "isakmp": 500, "exec": 512, "biff": 512, "login": 513, "who": 513, "cmd": 514, "syslog": 514,
        "lpd": 515,
        "talk": 517, "rip": 520, "uucp": 540, "klogin": 543, "kshell": 544, "drip": 3949, "non500-isakmp": 4500,
    ]
}
