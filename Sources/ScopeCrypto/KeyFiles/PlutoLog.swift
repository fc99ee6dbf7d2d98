import ScopeWire

/// A log of libreswan's pluto, which prints the keys of ESP and AH and the pre-shared key with
/// `plutodebug=all,private,crypt`.
///
///     Nov 23 09:05:09.489497: | ESP enckey:
///     Nov 23 09:05:09.489501: |   13 c1 9d 29  04 d6 c1 e5  d1 91 e2 9c  31 b0 e1 b4   ...)........1...
///
/// The line about `add_sa()` behind the keys says whose they are. Where a release has none, the keys that stand under
/// `ESP KEYMAT`, in both directions, wait for `IPsec SA established … {ESP=>0xout <0xin`.
struct PlutoLog: KeyLineReader {
    static let format = KeyFileFormat.pluto

    static func recognizes(_ line: Line) -> Bool {
        if line.contains("Starting Pluto") || line.contains(" pluto[") || line.contains("| ESP KEYMAT") { return true }
        // The stamp of its own file: `Nov 23 09:05:08.765008: `.
        guard line.count > 24, line[22] == UInt8(ascii: ":"), line[23] == 0x20, line[15] == UInt8(ascii: "."),
            line[9] == UInt8(ascii: ":"), line[12] == UInt8(ascii: ":"), line[3] == 0x20
        else { return false }
        return (16..<22).allSatisfy { line[$0].map { (48...57).contains($0) } ?? false }
    }

    private enum Label { case psk, encryption, authentication, inbound, outbound }

    private var label: Label?
    private var bytes = SecretBuffer(capacity: 0)
    private var labelLine = 0
    private var peers: [KeyFile.PSK.Peer] = []
    private var knownPSKs = KnownSecrets()
    /// By the names of `looking for alg with encrypt: … integ: …`.
    private var algorithms: (encryption: String, integrity: String)?
    private var encryptionKey: Secret?
    private var authenticationKey: Secret?
    private var isAH = false
    private var usesESN = false
    private var keysLine = 0
    private var keymat: (inbound: Secret?, outbound: Secret?, line: Int)?
    private var added: Set<UInt32> = []

    private static let longestKey = 512

    init() {}

    mutating func take(_ line: Line, into file: inout KeyFile) {
        guard let content = Self.content(line) else { return statement(line, into: &file) }
        if label != nil {
            let text = content.trimmed
            if content[0] == 0x20, content[1] == 0x20, text.takeBytes(into: &bytes, most: 16, gap: 2) > 0 { return }
            complete(into: &file)
        }
        note(content.trimmed, into: &file)
    }

    mutating func finish(into file: inout KeyFile) {
        if label != nil { complete(into: &file) }
        if let encryptionKey = encryptionKey ?? authenticationKey, encryptionKey.count > 0 {
            file.refuse(keysLine, "keys of an IPsec SA whose SPI the log does not tell")
        }
    }

    /// What stands behind the `| ` of a debug line.
    private static func content(_ line: Line) -> Line? {
        guard let bar = line.find("| "), bar < 128 else { return nil }
        if bar > 0, line[bar - 1] != 0x20 { return nil }
        return line.dropFirst(bar + 2)
    }

    // MARK: Dumps

    private mutating func begin(_ label: Label, _ line: Int) {
        self.label = label
        labelLine = line
        bytes = SecretBuffer(capacity: Self.longestKey)
    }

    private mutating func complete(into file: inout KeyFile) {
        guard let label else { return }
        self.label = nil
        let secret = bytes.secret
        guard secret.count > 0 else { return }
        switch label {
        case .psk:
            guard knownPSKs.insert(secret, for: peers) else { return }
            file.psk.append(
                KeyFile.PSK(
                    peer: peers.first ?? .any, others: Array(peers.dropFirst()), key: secret, line: labelLine))
        case .encryption: encryptionKey = secret
        case .authentication: authenticationKey = secret
        case .inbound: keymat?.inbound = secret
        case .outbound: keymat?.outbound = secret
        }
    }

    // MARK: Debug lines

    private mutating func note(_ text: Line, into file: inout KeyFile) {
        if text.hasPrefix("lsw_get_secret() using IDs for ") {
            peers = text.words(limit: 6).dropFirst(4).first.map(Self.ends) ?? []
        } else if text.equals("PreShared Key") {
            begin(.psk, text.number)
        } else if text.equals("ESP enckey:") || text.equals("ESP authkey:") || text.equals("AH authkey:") {
            isAH = text.hasPrefix("AH")
            if text.equals("ESP enckey:") || isAH { (encryptionKey, authenticationKey) = (nil, nil) }
            keysLine = text.number
            begin(text.equals("ESP enckey:") ? .encryption : .authentication, text.number)
        } else if text.equals("ESP KEYMAT") || text.equals("AH KEYMAT") {
            keymat = (nil, nil, text.number)
        } else if text.equals("inbound:"), keymat != nil {
            begin(.inbound, text.number)
        } else if text.equals("outbound:"), keymat != nil {
            begin(.outbound, text.number)
        } else if let at = text.find("looking for alg with encrypt: ") {
            let words = text.dropFirst(at).words(limit: 12)
            let integrity = words.firstIndex { $0.equals("integ:") }.flatMap { words.dropFirst($0 + 1).first }
            if words.count > 5 { algorithms = (words[5].text, integrity?.text ?? "NONE") }
            usesESN = false
        } else if text.contains("enabling ESN") || text.contains("ESN enabled") {
            usesESN = true
        } else if text.contains("add_sa() ") {
            added(text, into: &file)
        } else if let at = text.find("response for Add SA ") {
            let name = text.dropFirst(at + 20).words(limit: 1).first
            if let name, let dot = name.find(UInt8(ascii: ".")), let sign = name.find(UInt8(ascii: "@"), from: dot) {
                install(name[(dot + 1)..<sign], name.dropFirst(sign + 1), into: &file)
            }
        }
    }

    /// `add_sa() level=0 outbound tunnel NET->A[spi]==>B->NET replay_window=128 HMAC_SHA1_96:20 AES_CBC:16`.
    private mutating func added(_ text: Line, into file: inout KeyFile) {
        guard let open = text.find(UInt8(ascii: "[")), let close = text.find("]==>", from: open) else { return }
        let rest = text.dropFirst(close + 4)
        // The address ends where its network begins: `192.0.2.10-ALL->10.1.0.0/24`.
        var end = 0
        while let byte = rest[end], Hex.digit(byte) != nil || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") {
            end += 1
        }
        install(text[(open + 1)..<close], rest[0..<end], into: &file)
    }

    private mutating func install(_ spi: Line, _ destination: Line, into file: inout KeyFile) {
        guard encryptionKey != nil || authenticationKey != nil, let spi = spi.hexNumber(digits: 8) else { return }
        defer { (encryptionKey, authenticationKey) = (nil, nil) }
        let none = Secret(count: 0)
        add(
            spi: UInt32(truncatingIfNeeded: spi), destination: destination.address,
            encryptionKey: encryptionKey ?? none, integrityKey: authenticationKey ?? none,
            names: algorithms ?? (isAH ? "NULL" : "", ""), line: keysLine, into: &file)
    }

    private mutating func add(
        spi: UInt32, destination: IPAddress?, encryptionKey: Secret, integrityKey: Secret,
        names: (encryption: String, integrity: String), line: Int, into file: inout KeyFile
    ) {
        guard let encryption = isAH ? .null : DaemonNames.encryption(names.encryption) else {
            return file.refuse(line, "ESP with \(names.encryption) is not supported")
        }
        guard let integrity = DaemonNames.integrity(names.integrity) else {
            return file.refuse(line, "authentication with \(names.integrity) is not supported")
        }
        if added.count > 1 << 16 { added = [] }
        added.insert(spi)
        let own = encryption.tagLength == nil ? integrity : .none
        file.add(
            KeyFile.SA(
                isAH: isAH, spi: spi, destination: destination,
                suite: ESPSuite(encryption: encryption, integrity: own, usesESN: usesESN),
                encryptionKey: encryptionKey, integrityKey: integrityKey, line: line))
    }

    // MARK: Lines for everybody

    /// `… IPsec SA established tunnel mode {ESP=>0xc1e28e8b <0x14f1d58a xfrm=AES_CBC_128-HMAC_SHA1_96 …}`.
    private mutating func statement(_ line: Line, into file: inout KeyFile) {
        if label != nil { complete(into: &file) }
        guard let keymat, let out = line.find("=>0x"), let names = line.find("xfrm=", from: out),
            let inward = line.find(" <0x", from: out), inward < names
        else { return }
        self.keymat = nil
        let words = line.dropFirst(names + 5).words(limit: 1)
        let algorithms = words.first?.text.split(separator: "-").map(String.init) ?? []
        guard let encryption = algorithms.first, let cipher = DaemonNames.encryption(encryption) else { return }
        let integrity = algorithms.count > 1 ? algorithms[1] : "NONE"
        let authentication = DaemonNames.integrity(integrity)?.keyLength ?? 0
        for (key, place) in [(keymat.inbound, inward), (keymat.outbound, out)] {
            let word = line.dropFirst(place + 2).words(limit: 1).first
            guard let key, let spi = word?.hexNumber(digits: 8), !added.contains(UInt32(truncatingIfNeeded: spi)) else {
                continue
            }
            isAH = false
            let own = cipher.tagLength == nil ? authentication : 0
            let split = max(0, key.count - own)
            add(
                spi: UInt32(truncatingIfNeeded: spi), destination: nil, encryptionKey: key.slice(0..<split),
                integrityKey: key.slice(split..<key.count), names: (encryption, integrity), line: keymat.line,
                into: &file)
        }
    }

    /// `198.51.100.20->192.0.2.10`: both ends.
    private static func ends(_ word: Line) -> [KeyFile.PSK.Peer] {
        guard let arrow = word.find("->") else { return [] }
        return [word.dropFirst(arrow + 2), word[0..<arrow]].map { PeerName.peer($0) }
    }
}
