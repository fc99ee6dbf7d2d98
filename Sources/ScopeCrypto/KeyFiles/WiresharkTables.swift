import ScopeWire

/// Wireshark's tables `ikev1_decryption_table`, `ikev2_decryption_table` and `esp_sa`, alone or behind each other.
///
/// The fields of a row tell its table.
struct WiresharkTables: KeyLineReader {
    static let format = KeyFileFormat.wireshark

    static func recognizes(_ line: Line) -> Bool {
        let fields = fields(line)
        switch fields.count {
        case 2:
            return isCookie(fields[0]) && fields[1].count >= 16 && fields[1].bytes.allSatisfy { Hex.digit($0) != nil }
        case 8 where isCookie(fields[0]) && isCookie(fields[1]): return true
        case 8...: return isFamily(fields[0])
        default: return false
        }
    }

    init() {}

    func take(_ line: Line, into file: inout KeyFile) {
        let text = line.trimmed
        guard !text.isEmpty, text[0] != UInt8(ascii: "#") else { return }
        let fields = Self.fields(text)
        switch fields.count {
        case 2 where Self.isCookie(fields[0]): ikev1(fields, into: &file)
        case 8 where Self.isCookie(fields[0]): ikev2(fields, into: &file)
        case 8... where Self.isFamily(fields[0]): esp(fields, into: &file)
        default: file.refuse(line.number, "is not a row of a Wireshark table: it has \(fields.count) fields")
        }
    }

    private static func isCookie(_ field: Line) -> Bool { field.count == 16 && field.hexNumber(digits: 16) != nil }

    private static func isFamily(_ field: Line) -> Bool {
        field.equals("IPv4") || field.equals("IPv6") || field.equals("Any") || field.equals("*")
    }

    private func ikev1(_ fields: [Line], into file: inout KeyFile) {
        guard let key = fields[1].hexSecret, key.count > 0 else {
            return file.refuse(fields[0].number, "the key is not hexadecimal with two digits a byte")
        }
        var row = KeyFile.IKE()
        row.initiatorSPI = fields[0].hexNumber(digits: 16)
        row.keys[.cipherKey] = key
        row.line = fields[0].number
        file.ike.append(row)
    }

    private func ikev2(_ fields: [Line], into file: inout KeyFile) {
        let line = fields[0].number
        var row = KeyFile.IKE()
        row.version = 2
        row.line = line
        row.initiatorSPI = fields[0].hexNumber(digits: 16)
        row.responderSPI = fields[1].hexNumber(digits: 16)
        for (kind, field) in [(IKEKeyKind.skEI, 2), (.skER, 3), (.skAI, 5), (.skAR, 6)] {
            guard let key = fields[field].hexSecret else {
                return file.refuse(line, "\(kind.rawValue) is not hexadecimal with two digits a byte")
            }
            if key.count > 0 { row.keys[kind] = key }
        }
        guard !row.keys.isEmpty else { return file.refuse(line, "holds no key") }
        if let encryption = WiresharkNames.ikeEncryption(fields[4].text),
            let integrity = WiresharkNames.ikeIntegrity(fields[7].text)
        {
            row.suite = ESPSuite(encryption: encryption, integrity: integrity)
        }
        file.ike.append(row)
    }

    private func esp(_ fields: [Line], into file: inout KeyFile) {
        let line = fields[0].number
        // The text in the place of a name may be a key.
        guard let integrity = WiresharkNames.integrity(fields[6].text) else {
            return file.refuse(line, "its authentication algorithm is none that is supported")
        }
        guard let encryption = WiresharkNames.encryption(fields[4].text, integrity) else {
            return file.refuse(line, "its encryption algorithm is none that is supported")
        }
        var spi: UInt32?
        if !fields[3].equals("*") {
            let number =
                fields[3].hasPrefix("0x") || fields[3].hasPrefix("0X")
                ? fields[3].hexNumber(digits: 8) : decimal(fields[3])
            guard let number, let exact = UInt32(exactly: number) else {
                return file.refuse(line, "the SPI is not a number: wildcards are not supported")
            }
            spi = exact
        }
        guard let encryptionKey = key(fields[5]), let integrityKey = key(fields[7]) else {
            return file.refuse(line, "a key is not hexadecimal with two digits a byte")
        }
        // Beside GCM the column only says how long the ICV is.
        let own = encryption.tagLength == nil ? integrity : .none
        let usesESN = fields.count > 8 && fields[8].text.hasPrefix("64")
        file.add(
            KeyFile.SA(
                spi: spi, destination: fields[2].address,
                suite: ESPSuite(encryption: encryption, integrity: own, usesESN: usesESN),
                encryptionKey: encryptionKey, integrityKey: own.keyLength == 0 ? Secret(count: 0) : integrityKey,
                line: line)
        )
    }

    private func decimal(_ field: Line) -> UInt64? {
        field.count <= 10 && !field.isEmpty && field.bytes.allSatisfy { (48...57).contains($0) }
            ? UInt64(field.text) : nil
    }

    /// Hexadecimal behind `0x`, else the characters themselves.
    private func key(_ field: Line) -> Secret? {
        field.hasPrefix("0x") || field.hasPrefix("0X") ? field.hexSecret : field.secret
    }

    /// The fields of a row, quotes taken off; none for what is no row.
    private static func fields(_ line: Line) -> [Line] {
        let text = line.trimmed
        guard !text.isEmpty, !text.isCut else { return [] }
        var result: [Line] = []
        var at = 0
        while result.count < 16 {
            if text[at] == UInt8(ascii: "\"") {
                guard let end = text.find(UInt8(ascii: "\""), from: at + 1) else { return [] }
                result.append(text[(at + 1)..<end])
                at = end + 1
            } else {
                let end = text.find(UInt8(ascii: ","), from: at) ?? text.count
                result.append(text[at..<end].trimmed)
                at = end
            }
            guard at < text.count else { return result }
            guard text[at] == UInt8(ascii: ",") else { return [] }
            at += 1
        }
        return result
    }
}
