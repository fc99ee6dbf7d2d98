/// What vpnc prints with `--debug 99`: a label on a line, its bytes on the lines behind it.
///
///     skeyid_d:
///     93204c61 e19900b2 de4e44a6 dd5c145b 50fb15b4
struct VPNCLog: KeyLineReader {
    static let format = KeyFileFormat.vpnc

    static func recognizes(_ line: Line) -> Bool {
        let text = line.trimmed
        return text.hasPrefix("vpnc version ") || text.equals("hex_test: 00010203") || text.equals("dh_shared_secret:")
            || text.equals("psk_skeyid:") || text.equals("rx.key_cry:")
    }

    private var label: Label?
    private var labelLine = 0
    private var bytes = SecretBuffer(capacity: 0)
    private var initiatorSPI: UInt64?
    private var responderSPI: UInt64?
    /// SKEYID comes twice, before the others.
    private var skeyid: Secret?
    private var row: Int?
    private var algorithms = ""
    private var receive = Keys()
    private var transmit = Keys()
    private var knownPSKs = KnownSecrets()

    private struct Keys {
        var encryption = Secret(count: 0)
        var integrity = Secret(count: 0)
        var line = 0
    }

    private enum Label {
        case skeyid, d, a, e, ka, receiveCipher, receiveMAC, transmitCipher, transmitMAC

        init?(_ text: Line) {
            guard let found = Self.known.first(where: { text.equals($0.0) })?.1 else { return nil }
            self = found
        }

        private static let known: [(StaticString, Label)] = [
            ("skeyid:", .skeyid), ("skeyid_d:", .d), ("skeyid_a:", .a), ("skeyid_e:", .e), ("enc-key:", .ka),
            ("rx.key_cry:", .receiveCipher), ("rx.key_md:", .receiveMAC), ("tx.key_cry:", .transmitCipher),
            ("tx.key_md:", .transmitMAC),
        ]
    }

    private static let longestKey = 512

    init() {}

    mutating func take(_ line: Line, into file: inout KeyFile) {
        let text = line.trimmed
        if label != nil {
            if takeBytes(text) { return }
            complete(into: &file)
        }
        if let label = Label(text) {
            self.label = label
            labelLine = line.number
            bytes = SecretBuffer(capacity: Self.longestKey)
            return
        }
        note(text, into: &file)
    }

    mutating func finish(into file: inout KeyFile) { if label != nil { complete(into: &file) } }

    /// Groups of four bytes, the last one perhaps shorter.
    private mutating func takeBytes(_ text: Line) -> Bool {
        let words = text.words(limit: 16)
        guard !words.isEmpty, words.allSatisfy({ $0.count <= 8 && $0.count % 2 == 0 }),
            text.bytes.allSatisfy({ Hex.digit($0) != nil || $0 == 0x20 })
        else { return false }
        for word in words where word.takeBytes(into: &bytes, most: 4, gap: 0) == 0 { return false }
        return true
    }

    private mutating func complete(into file: inout KeyFile) {
        guard let label else { return }
        self.label = nil
        let secret = bytes.secret
        switch label {
        case .skeyid:
            skeyid = secret
            row = nil
        case .d, .a, .e, .ka:
            guard secret.count > 0 else { return }
            let kind: IKEKeyKind =
                switch label {
                case .d: .skeyidD
                case .a: .skeyidA
                case .e: .skeyidE
                default: .cipherKey
                }
            if let row, file.ike[row].keys[kind] != nil { self.row = nil }
            let index = row ?? addRow(into: &file)
            row = index
            file.ike[index].keys[kind] = secret
        case .receiveCipher: receive = Keys(encryption: secret, line: labelLine)
        case .receiveMAC: receive.integrity = secret
        case .transmitCipher: transmit = Keys(encryption: secret, line: labelLine)
        case .transmitMAC: transmit.integrity = secret
        }
    }

    private mutating func addRow(into file: inout KeyFile) -> Int {
        var ike = KeyFile.IKE()
        ike.initiatorSPI = initiatorSPI
        ike.responderSPI = responderSPI
        ike.line = labelLine
        if let skeyid { ike.keys[.skeyid] = skeyid }
        skeyid = nil
        file.ike.append(ike)
        return file.ike.count - 1
    }

    private mutating func note(_ text: Line, into file: inout KeyFile) {
        if text.hasPrefix("i_cookie: ") {
            initiatorSPI = cookie(text)
        } else if text.hasPrefix("r_cookie: ") {
            responderSPI = cookie(text)
        } else if text.hasPrefix("shared-key: ") {
            let key = text.dropFirst(12).secret
            guard key.count > 0, knownPSKs.insert(key) else { return }
            file.psk.append(KeyFile.PSK(peer: .any, key: key, line: text.number))
        } else if text.hasPrefix("IPSEC SA selected ") {
            algorithms = text.words(limit: 4).last?.text ?? ""
        } else if text.hasPrefix("remote -> local spi: ") {
            add(text, receive, into: &file)
        } else if text.hasPrefix("local -> remote spi: ") {
            add(text, transmit, into: &file)
        }
    }

    private func cookie(_ text: Line) -> UInt64? {
        let words = text.words(limit: 4)
        guard words.count == 3, words[1].count == 8, words[2].count == 8, let high = words[1].hexNumber(digits: 8),
            let low = words[2].hexNumber(digits: 8), high << 32 | low != 0
        else { return nil }
        return high << 32 | low
    }

    private func add(_ text: Line, _ keys: Keys, into file: inout KeyFile) {
        guard let spi = text.words(limit: 5).last?.hexNumber(digits: 8), keys.line > 0 else { return }
        let names = algorithms.split(separator: "-").map(String.init)
        guard let cipher = Self.ciphers[names.first ?? ""], let integrity = Self.macs[names.last ?? ""] else {
            return file.refuse(keys.line, "ESP with \(algorithms.isEmpty ? "an unknown algorithm" : algorithms)")
        }
        file.add(
            KeyFile.SA(
                spi: UInt32(truncatingIfNeeded: spi), destination: nil,
                suite: ESPSuite(encryption: cipher, integrity: integrity), encryptionKey: keys.encryption,
                integrityKey: keys.integrity, line: keys.line))
    }

    private static let ciphers: [String: ESPEncryption] = [
        "null": .null, "des": .cbc(.des), "3des": .cbc(.tripleDES), "aes128": .cbc(.aes), "aes192": .cbc(.aes),
        "aes256": .cbc(.aes),
    ]
    private static let macs: [String: ESPIntegrity] = [
        "md5": .hmac(.md5, length: 12), "sha1": .hmac(.sha1, length: 12),
    ]
}
