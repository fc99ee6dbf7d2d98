import ScopeModel
import ScopeWire

/// Reads the words of an access list entry from left to right.
struct EntryWords {
    /// The way in which addresses are written.
    enum Dialect {
        /// IOS, with wildcards.
        case wildcard
        /// ASA, with subnet masks.
        case subnet
        /// IOS, with IPv6 prefixes.
        case v6
    }

    private let line: ConfigLine
    private let dialect: Dialect
    private var at = 0

    init(_ line: ConfigLine, _ dialect: Dialect = .wildcard) { (self.line, self.dialect) = (line, dialect) }

    /// Skips this word, if it is the next one.
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

    /// Reads an extended entry; returns what is wrong with it, or nil.
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
                // ASA writes the ports of a group of protocols behind the address.
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

    /// `object-group NAME` in the place of ports; before the destination it means ports only where an address follows.
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
        // A host may be written without a mask.
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

    /// The ports behind an address; nil where they cannot be read.
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

/// The names of IOS for protocols and ports.
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
