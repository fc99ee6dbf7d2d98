import ScopeDissect
import ScopeModel
import ScopeWire

/// Commands at the top level: some begin a block, the others are complete.
extension ConfigReader {
    /// Whether the line is a command of the top level, in whatever block it stands.
    func begins(_ line: ConfigLine) -> Bool {
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
        if line.has(0, "object-group") || line.has(0, "object") || line.has(0, "tunnel-group") || line.has(0, "ASA")
            || line.has(0, "PIX")
        {
            // An indented one is an entry of a group, or the rest of a line that a terminal's width has cut.
            return !line.isIndented
        }
        if line.has(0, "name") { return !line.isIndented && line[1].address != nil }
        if line.has(0, "isakmp") { return !line.isIndented && (line.has(1, "key") || line.has(1, "policy")) }
        // The peer of a keyring has a name, too.
        if line.has(0, "hostname"), case .ikev2(.peer) = block { return false }
        return line.has(0, "access-list") || line[0].abbreviates("interface", least: 3) || line.has(0, "hostname")
            || line.has(0, "banner") || line.has(0, "ipv6") && line.has(1, "access-list")
    }

    static func isMapSetting(_ word: ConfigWord) -> Bool {
        ["local-address", "client", "isakmp", "isakmp-profile", "gdoi", "redundancy", "interface"]
            .contains(word.lowercased)
    }

    mutating func open(_ line: ConfigLine) -> Outcome {
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
        if line.has(0, "ipv6") { return isNo ? dropAccessList(line[2]) : newerAccessList(line) }
        if line.has(0, "object") || line.has(0, "object-group") { return beginObject(line, isNo: isNo) }
        if line.has(0, "tunnel-group") { return isNo ? .taken : beginTunnelGroup(line) }
        // PIX has this command without `crypto` before it.
        if line.has(0, "isakmp") { return isakmp(line.dropFirst(1), isNo: isNo) }
        if isNo { return .taken }
        if line.has(0, "ASA") || line.has(0, "PIX") {
            config.isASA = true
            return .taken
        }
        if line.has(0, "name") {
            if let address = line[1].address, line.count > 2, config.hosts.count < Self.most {
                config.hosts[line[2].lowercased] = [address]
            }
            return .taken
        }
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
        if second.equals("ikev1") {
            config.isASA = true
            return isakmp(line.dropFirst(2), isNo: isNo)
        }
        if second.equals("ikev2") { return ikev2(line.dropFirst(2), isNo: isNo) }
        // Certificates, GDOI and engines do not matter here.
        block = .other
        return .taken
    }

    /// `banner motd ^C`: the text up to the same mark, which may look like any command.
    private mutating func beginBanner(_ line: ConfigLine) {
        block = .other
        guard line.count > 2 else { return }
        let word = line[2].bytes
        // A control character is shown as `^C`.
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
}
