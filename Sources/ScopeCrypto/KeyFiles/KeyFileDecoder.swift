import ScopeWire

/// Decodes `ikescope.keys/1` (docs/keys.md); every member is checked, so that a typo cannot hide a key.
enum KeyFileDecoder {
    static let schema = "ikescope.keys/1"

    static func decode(_ text: Secret, path: String) throws(KeyFileError) -> KeyFile {
        var file = KeyFile(path: path)
        var reader = JSONReader(text)
        var named = false
        try reader.object("") { reader, name, start throws(KeyFileError) in
            switch name {
            case "schema":
                let schema = try reader.word(name)
                guard schema == Self.schema else {
                    throw KeyFileError("is not \"\(Self.schema)\"", place: name, at: start)
                }
                named = true
            case "psk":
                try reader.array(name) { reader, place throws(KeyFileError) in
                    file.psk.append(try psk(&reader, place))
                }
            case "dh":
                try reader.array(name) { reader, place throws(KeyFileError) in
                    file.dh.append(try dh(&reader, place))
                }
            case "ike":
                try reader.array(name) { reader, place throws(KeyFileError) in
                    file.ike.append(try ike(&reader, place))
                }
            case "sa":
                try reader.array(name) { reader, place throws(KeyFileError) in
                    file.sa.append(try KeyFileSARow.decode(&reader, place))
                }
            case "ppk":
                try reader.array(name) { reader, place throws(KeyFileError) in
                    file.ppk.append(try ppk(&reader, place))
                }
            default: throw unknown(name, start)
            }
        }
        try reader.end()
        guard named else { throw KeyFileError("the member is missing: it must be \"\(Self.schema)\"", place: "schema") }
        return file
    }

    private static func psk(_ reader: inout JSONReader, _ place: String) throws(KeyFileError) -> KeyFile.PSK {
        var peer: KeyFile.PSK.Peer?
        var key: Secret?
        try reader.object(place) { reader, name, start throws(KeyFileError) in
            let here = "\(place).\(name)"
            switch name {
            case "peer", "identity":
                guard peer == nil else {
                    throw KeyFileError("\"peer\" and \"identity\" exclude each other", place: here, at: start)
                }
                let text = try reader.word(here)
                if name == "identity" {
                    guard !text.isEmpty else { throw KeyFileError("is empty", place: here, at: start) }
                    peer = .identity(text)
                } else if text == "*" {
                    peer = .any
                } else if let prefix = IPPrefix(text) {
                    peer = .prefix(prefix)
                } else {
                    throw KeyFileError("is not an address, not a prefix and not \"*\"", place: here, at: start)
                }
            case "key", "key_hex":
                guard key == nil else {
                    throw KeyFileError("\"key\" and \"key_hex\" exclude each other", place: here, at: start)
                }
                if name == "key_hex" {
                    key = try hex(&reader, here)
                } else {
                    let text = try reader.string(here)
                    guard text.count > 0 else { throw KeyFileError("is empty", place: here, at: start) }
                    guard text.withBytes({ String(validating: $0, as: UTF8.self) != nil }) else {
                        throw KeyFileError("is not UTF-8; give the bytes as \"key_hex\"", place: here, at: start)
                    }
                    key = text
                }
            default: throw unknown(here, start)
            }
        }
        guard let peer else { throw KeyFileError("\"peer\" or \"identity\" is missing", place: place, at: reader.at) }
        guard let key else { throw KeyFileError("\"key\" or \"key_hex\" is missing", place: place, at: reader.at) }
        return KeyFile.PSK(peer: peer, key: key)
    }

    private static func ppk(_ reader: inout JSONReader, _ place: String) throws(KeyFileError) -> KeyFile.PPK {
        var id: String?
        var key: Secret?
        try reader.object(place) { reader, name, start throws(KeyFileError) in
            let here = "\(place).\(name)"
            switch name {
            case "id": id = try reader.word(here)
            case "key", "key_hex":
                guard key == nil else {
                    throw KeyFileError("\"key\" and \"key_hex\" exclude each other", place: here, at: start)
                }
                let secret = name == "key_hex" ? try hex(&reader, here) : try reader.string(here)
                guard secret.count > 0 else { throw KeyFileError("is empty", place: here, at: start) }
                key = secret
            default: throw unknown(here, start)
            }
        }
        guard let key else { throw KeyFileError("\"key\" or \"key_hex\" is missing", place: place, at: reader.at) }
        return KeyFile.PPK(id: id, key: key)
    }

    private static func dh(_ reader: inout JSONReader, _ place: String) throws(KeyFileError) -> KeyFile.DH {
        var exponent: Secret?
        var shared: Secret?
        var group: UInt16?
        var initiatorSPI: UInt64?
        var spi: UInt32?
        var step: Int?
        try reader.object(place) { reader, name, start throws(KeyFileError) in
            let here = "\(place).\(name)"
            switch name {
            case "private": exponent = try hex(&reader, here)
            case "shared": shared = try hex(&reader, here)
            case "group":
                let number = try reader.integer(here)
                guard let known = UInt16(exactly: number), KeyExchangeGroups.publicLength(known) != nil else {
                    throw KeyFileError("group \(number) is not supported", place: here, at: start)
                }
                group = known
            case "initiator_spi": initiatorSPI = try number(&reader, here, bytes: 8)
            case "spi": spi = UInt32(truncatingIfNeeded: try number(&reader, here, bytes: 4))
            case "step":
                let number = try reader.integer(here)
                // ADDKE1 to ADDKE7 (RFC 9370 section 2.2.1).
                guard (1...7).contains(number) else { throw KeyFileError("is not 1 to 7", place: here, at: start) }
                step = number
            default: throw unknown(here, start)
            }
        }
        switch (exponent, shared) {
        case (let exponent?, nil):
            guard initiatorSPI == nil, spi == nil, step == nil else {
                throw KeyFileError(
                    "\"private\" finds its exchange by itself and takes neither SPI nor step", place: place,
                    at: reader.at)
            }
            return .exponent(exponent, group: group)
        case (nil, let shared?):
            guard group == nil else {
                throw KeyFileError("\"shared\" takes no group", place: place, at: reader.at)
            }
            switch (initiatorSPI, spi) {
            case (let initiatorSPI?, nil): return .sharedBySA(shared, initiatorSPI: initiatorSPI, step: step ?? 0)
            case (nil, let spi?): return .sharedByChild(shared, spi: spi, step: step ?? 0)
            default:
                throw KeyFileError(
                    "\"shared\" needs one of \"initiator_spi\" and \"spi\"", place: place, at: reader.at)
            }
        default: throw KeyFileError("needs one of \"private\" and \"shared\"", place: place, at: reader.at)
        }
    }

    private static func ike(_ reader: inout JSONReader, _ place: String) throws(KeyFileError) -> KeyFile.IKE {
        var row = KeyFile.IKE()
        var initiatorSPI: UInt64?
        var places: [(kind: IKEKeyKind, at: Int)] = []
        try reader.object(place) { reader, name, start throws(KeyFileError) in
            let here = "\(place).\(name)"
            switch name {
            case "version":
                row.version = try reader.integer(here)
                guard row.version == 1 || row.version == 2 else {
                    throw KeyFileError("is not 1 or 2", place: here, at: start)
                }
            case "initiator_spi": initiatorSPI = try number(&reader, here, bytes: 8)
            case "responder_spi": row.responderSPI = try number(&reader, here, bytes: 8)
            default:
                guard let kind = IKEKeyKind(rawValue: name) else { throw unknown(here, start) }
                places.append((kind, start))
                row.keys[kind] = try hex(&reader, here)
            }
        }
        guard let initiatorSPI else { throw KeyFileError("\"initiator_spi\" is missing", place: place, at: reader.at) }
        row.initiatorSPI = initiatorSPI
        for (kind, at) in places where kind.version != row.version {
            throw KeyFileError(
                "belongs to version \(3 - row.version), and the row is of version \(row.version)",
                place: "\(place).\(kind.rawValue)", at: at)
        }
        guard !row.keys.isEmpty else { throw KeyFileError("holds no key", place: place, at: reader.at) }
        return row
    }

    // MARK: Values

    static func unknown(_ place: String, _ at: Int) -> KeyFileError {
        KeyFileError("unknown member", place: place, at: at)
    }

    /// Key bytes in hexadecimal: 1 to 4096 of them.
    static func hex(_ reader: inout JSONReader, _ place: String, emptyAllowed: Bool = false) throws(KeyFileError)
        -> Secret
    {
        let start = reader.at
        let text = try reader.string(place)
        guard let bytes = Hex.decode(text) else {
            throw KeyFileError("is not hexadecimal with two digits a byte", place: place, at: start)
        }
        guard emptyAllowed || bytes.count > 0 else { throw KeyFileError("is empty", place: place, at: start) }
        guard bytes.count <= 4096 else { throw KeyFileError("is longer than 4096 bytes", place: place, at: start) }
        return bytes
    }

    /// An SPI: exactly `bytes` bytes in hexadecimal.
    static func number(_ reader: inout JSONReader, _ place: String, bytes: Int) throws(KeyFileError) -> UInt64 {
        let start = reader.at
        let value = try hex(&reader, place)
        guard value.count == bytes else {
            throw KeyFileError(
                "is not an SPI of \(bytes) bytes (\(bytes * 2) hexadecimal digits)", place: place, at: start)
        }
        return value.withBytes { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
