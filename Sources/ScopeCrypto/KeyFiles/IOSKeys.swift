import ScopeWire

/// The pre-shared keys of a configuration of IOS, IOS XE or ASA; everything else in it is passed over.
///
///     crypto isakmp key cisco123 address 198.51.100.20
///     crypto keyring SITES
///       local-address 192.0.2.10
///       pre-shared-key address 10.0.0.0 255.0.0.0 key s3cret
struct IOSKeys: KeyLineReader {
    static let format = KeyFileFormat.ios

    static func recognizes(_ line: Line) -> Bool {
        let text = line.trimmed
        for start: StaticString in [
            "crypto isakmp ", "isakmp key ", "isakmp policy ", "crypto keyring ", "crypto ikev1 ", "crypto ikev2 ",
            "crypto ipsec ", "crypto map ",
            "pre-shared-key address ", "tunnel-group ", "Building configuration...", "Current configuration :",
            "! Last configuration change", "service timestamps ", "ASA Version ", "interface GigabitEthernet",
            "interface FastEthernet", "crypto pki ", "ip route ",
        ] where text.hasPrefix(start) {
            return true
        }
        return false
    }

    /// The block that a line stands in; a line that is not indented, or the next block, ends it.
    private enum Block {
        case none
        case keyring(name: String)
        case group(String)
        case v2Keyring
        case v2Peer
        case tunnelGroup(KeyFile.PSK.Peer)
        case profile
        case manual
    }

    private var block = Block.none
    private var local: IPAddress?
    /// The peers of an IKEv2 keyring's entry.
    private var peers: [KeyFile.PSK.Peer] = []
    /// Rows by the name of their keyring, and what profiles tell of who uses it.
    private var rows: [String: [Int]] = [:]
    private var keyringRows: [Int] = []
    private var profileKeyrings: [String] = []
    private var profilePeers: [KeyFile.PSK.Peer] = []
    private var profiles: [(keyring: String, peers: [KeyFile.PSK.Peer])] = []
    private static let most = 4096
    /// `name 198.51.100.20 BRANCH` of ASA: other lines may call the address by it.
    private var names: [String: IPAddress] = [:]

    init() {}

    /// Of a tunnel group.
    private func peer(of name: Line) -> KeyFile.PSK.Peer {
        if name.hasPrefix("Default") { return .any }
        if let address = names[name.text], let prefix = IPPrefix(address, length: address.bitCount) {
            return .prefix(prefix)
        }
        return PeerName.peer(name)
    }

    mutating func take(_ line: Line, into file: inout KeyFile) {
        let text = Self.withoutPager(line)
        let words = text.words(limit: 16)
        guard let first = words.first, first[0] != UInt8(ascii: "!") else { return endBlock(into: &file) }
        let isSetIn = text[0].map(Line.isBlank) ?? false
        if !isSetIn || first.equals("crypto") || first.equals("tunnel-group") {
            endBlock(into: &file)
            return begin(words, into: &file)
        }
        switch block {
        case .none,
            .manual where !first.equals("set"):
            break
        case .manual:
            if words.count > 1, words[1].equals("session-key") {
                file.refuse(
                    line.number, "manual session keys are not read: give them as rows of 'sa' in a JSON key file")
            }
        case .keyring(let name): keyring(name, words, into: &file)
        case .group(let name):
            if first.equals("key") { add(Array(words.dropFirst()), .identity(name), line.number, into: &file) }
        case .v2Keyring, .v2Peer: v2(words, into: &file)
        case .tunnelGroup(let peer): tunnelGroup(words, peer, into: &file)
        case .profile: profile(words)
        }
    }

    mutating func finish(into file: inout KeyFile) {
        endBlock(into: &file)
        for profile in profiles {
            for row in rows[profile.keyring] ?? [] where file.psk[row].others.count < 16 {
                let room = 16 - file.psk[row].others.count
                file.psk[row].others += profile.peers.filter { $0 != .any }.prefix(room)
            }
        }
    }

    // MARK: Lines at the margin

    private mutating func begin(_ words: [Line], into file: inout KeyFile) {
        // Compared in place: any other line may hold a secret of another kind.
        func begins(_ first: StaticString, _ second: StaticString) -> Bool {
            words.count > 1 && words[0].equals(first) && words[1].equals(second)
        }
        if begins("crypto", "isakmp"), words.count > 2 {
            if words[2].equals("key") {
                isakmpKey(Array(words.dropFirst(3)), into: &file)
            } else if words[2].equals("client"), words.count >= 6, words[4].equals("group") {
                block = .group(words[5].text)
            } else if words[2].equals("profile") {
                block = .profile
            }
        } else if begins("crypto", "keyring"), words.count > 2 {
            block = .keyring(name: words[2].text)
        } else if begins("crypto", "ikev2"), words.count > 2, words[2].equals("keyring") {
            block = .v2Keyring
        } else if begins("crypto", "map"), words.last?.equals("ipsec-manual") ?? false {
            block = .manual
        } else if words[0].equals("tunnel-group"), words.count > 2, words[2].equals("ipsec-attributes") {
            block = .tunnelGroup(peer(of: words[1]))
        } else if begins("isakmp", "key"), words.count > 2 {
            // PIX.
            isakmpKey(Array(words.dropFirst(2)), into: &file)
        } else if words[0].equals("name"), words.count > 2, names.count < Self.most, let address = words[1].address {
            names[words[2].text] = address
        } else if words[0].equals("pre-shared-key") {
            // A configuration that was pasted without its beginning.
            keyring("", words, into: &file)
        }
    }

    private mutating func endBlock(into file: inout KeyFile) {
        if case .keyring = block, let local {
            for row in keyringRows { file.psk[row].local = local }
        }
        if case .profile = block {
            for name in profileKeyrings where profiles.count < Self.most { profiles.append((name, profilePeers)) }
        }
        (block, local, peers, keyringRows, profileKeyrings, profilePeers) = (.none, nil, [], [], [], [])
    }

    /// `[0|6] KEY {address A [MASK] | address ipv6 PREFIX | hostname NAME} [no-xauth]`.
    private mutating func isakmpKey(_ words: [Line], into file: inout KeyFile) {
        guard let at = words.dropFirst().firstIndex(where: { $0.equals("address") || $0.equals("hostname") }),
            let peer = Self.selector(Array(words[at...]))
        else {
            return file.refuse(words.first?.number ?? 0, "is not a pre-shared key with an address or a host name")
        }
        add(Array(words[0..<at]), peer, words[at].number, into: &file)
    }

    // MARK: Lines of a block

    private mutating func keyring(_ name: String, _ words: [Line], into file: inout KeyFile) {
        if words[0].equals("local-address"), words.count > 1 {
            // An interface instead says nothing: its address stands elsewhere.
            local = words[1].address
        } else if words[0].equals("pre-shared-key"), words.count > 3 {
            guard let at = words.lastIndex(where: { $0.equals("key") }), at > 0, at + 1 < words.count,
                let peer = Self.selector(Array(words[1..<at]))
            else { return file.refuse(words[0].number, "is not a pre-shared key with an address or a host name") }
            let before = file.psk.count
            add(Array(words[(at + 1)...]), peer, words[0].number, into: &file)
            if file.psk.count > before, rows.count < Self.most {
                keyringRows.append(before)
                rows[name, default: []].append(before)
            }
        }
    }

    private mutating func v2(_ words: [Line], into file: inout KeyFile) {
        let first = words[0]
        if first.equals("peer") {
            block = .v2Peer
            peers = []
        } else if first.equals("address") || first.equals("hostname") {
            if let peer = Self.selector(words) { peers.append(peer) }
        } else if first.equals("identity"), words.count > 2 {
            peers.append(words[1].equals("address") ? PeerName.peer(words[2]) : .identity(words[2].text))
        } else if first.equals("pre-shared-key"), words.count > 1 {
            var rest = Array(words.dropFirst())
            if rest.count > 1, rest[0].equals("local") || rest[0].equals("remote") { rest.removeFirst() }
            let named = peers.filter { $0 != .any }
            add(rest, named.first ?? .any, others: Array(named.dropFirst().prefix(16)), first.number, into: &file)
        }
    }

    private mutating func tunnelGroup(_ words: [Line], _ peer: KeyFile.PSK.Peer, into file: inout KeyFile) {
        guard let at = words.firstIndex(where: { $0.equals("pre-shared-key") }), at <= 2, at + 1 < words.count else {
            return
        }
        add(Array(words[(at + 1)...]), peer, words[0].number, into: &file)
    }

    /// `keyring NAME`, `match identity {address A [MASK] | group G | host [domain] D | user [fqdn] U}`.
    private mutating func profile(_ words: [Line]) {
        if words[0].equals("keyring"), words.count > 1, profileKeyrings.count < 64 {
            profileKeyrings.append(words[1].text)
        } else if words.count > 3, words[0].equals("match"), words[1].equals("identity"), profilePeers.count < 16 {
            if words[2].equals("address") {
                if let peer = Self.selector(Array(words[2...])) { profilePeers.append(peer) }
            } else if let name = words.last {
                profilePeers.append(.identity(name.text))
            }
        }
    }

    // MARK: Values

    /// `[0|6|7|8] KEY`, `hex HEX`; `words` hold nothing behind the key.
    private mutating func add(
        _ words: [Line], _ peer: KeyFile.PSK.Peer, others: [KeyFile.PSK.Peer] = [], _ line: Int,
        into file: inout KeyFile
    ) {
        var words = words
        var isHex = false
        if words.count > 1, let type = words[0].decimal, [0, 6, 7, 8].contains(type) {
            guard type == 0 else {
                return file.refuse(
                    line,
                    type == 6
                        ? "the key for \(peer.name) is encrypted (type 6) with the router's master key, which is not in the file"
                        : "the key for \(peer.name) is of type \(type), which cannot be turned into the key")
            }
            words.removeFirst()
        }
        if words.count > 1, words[0].equals("hex") {
            isHex = true
            words.removeFirst()
        }
        guard let word = words.first else { return file.refuse(line, "holds no key") }
        if word.bytes.allSatisfy({ $0 == UInt8(ascii: "*") }) {
            return file.refuse(
                line, "the key for \(peer.name) is masked: 'more system:running-config' shows it")
        }
        guard let key = isHex ? word.hexSecret : word.secret else {
            return file.refuse(line, "the key for \(peer.name) is not hexadecimal")
        }
        file.psk.append(KeyFile.PSK(peer: peer, others: others, key: key, line: line))
    }

    /// `address A [MASK]`, `address ipv6 PREFIX`, `hostname NAME`; nil for anything else.
    private static func selector(_ words: [Line]) -> KeyFile.PSK.Peer? {
        guard words.count > 1 else { return nil }
        if words[0].equals("hostname") { return .identity(words[1].text) }
        if words[1].equals("ipv6") { return words.count > 2 ? IPPrefix(words[2].text).map(peer) : nil }
        guard words[0].equals("address"), let prefix = IPPrefix(words[1].text) else { return nil }
        guard words.count > 2, !prefix.address.isV6,
            let mask = words[2].equals("netmask") && words.count > 3 ? words[3].address : words[2].address
        else { return peer(prefix) }
        let length = (~UInt32(truncatingIfNeeded: mask.low)).leadingZeroBitCount
        guard !mask.isV6, mask == IPPrefix(IPAddress(v4: .max), length: length)?.address else { return nil }
        return IPPrefix(prefix.address, length: length).map(peer)
    }

    private static func peer(_ prefix: IPPrefix) -> KeyFile.PSK.Peer {
        // `address 0.0.0.0` alone is everybody, too.
        prefix.length == 0 || prefix.address == IPAddress(v4: 0) ? .any : .prefix(prefix)
    }

    /// A terminal's `--More--`, and the backspaces that wiped it away.
    private static func withoutPager(_ line: Line) -> Line {
        guard line.contains("--More--"), let end = line.bytes.lastIndex(where: { $0 == 0x08 || $0 == 0x0d }) else {
            return line
        }
        return line.dropFirst(end + 1)
    }
}
