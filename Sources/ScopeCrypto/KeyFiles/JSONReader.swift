import ScopeWire

/// Reads the JSON of a key file (RFC 8259) member by member: the schema drives it, so nothing is nested deeper than that.
///
/// It never builds a tree. Only names become a `String`; values stay offsets until a `Secret` takes them.
struct JSONReader {
    private let text: Secret
    private(set) var at = 0

    init(_ text: Secret) {
        self.text = text
        // A byte order mark, which some editors write.
        if text.byte(at: 0) == 0xef, text.byte(at: 1) == 0xbb, text.byte(at: 2) == 0xbf { at = 3 }
    }

    /// Names longer than this are no member of any schema.
    private static let longestName = 64

    /// Calls `member` with each name, standing before its value; refuses a name that comes twice.
    mutating func object(
        _ place: String, _ member: (inout JSONReader, String, Int) throws(KeyFileError) -> Void
    ) throws(KeyFileError) {
        try expect(UInt8(ascii: "{"), "an object", place)
        var seen: Set<String> = []
        if skip(UInt8(ascii: "}")) { return }
        repeat {
            skipSpace()
            let start = at
            guard text.byte(at: at) == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes", place) }
            let name = try self.name(place)
            guard seen.insert(name).inserted else {
                throw KeyFileError("stands here a second time", place: join(place, name), at: start)
            }
            try expect(UInt8(ascii: ":"), "\":\"", join(place, name))
            try member(&self, name, start)
        } while skip(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "\",\" or \"}\"", place)
    }

    /// Calls `element` for each element, standing before it.
    mutating func array(
        _ place: String, _ element: (inout JSONReader, String) throws(KeyFileError) -> Void
    ) throws(KeyFileError) {
        try expect(UInt8(ascii: "["), "a list", place)
        if skip(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            try element(&self, "\(place)[\(index)]")
            index += 1
        } while skip(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "\",\" or \"]\"", place)
    }

    /// A string's bytes, escapes resolved.
    mutating func string(_ place: String) throws(KeyFileError) -> Secret {
        skipSpace()
        let start = at
        guard skip(UInt8(ascii: "\"")) else { throw unexpected("a string in quotes", place) }
        let first = at
        while let byte = text.byte(at: at), byte != UInt8(ascii: "\"") {
            if byte < 0x20 { throw KeyFileError("control character in a string", place: place, at: at) }
            at += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard text.byte(at: at) != nil else {
            throw KeyFileError("the string that begins here does not end", place: place, at: start)
        }
        defer { at += 1 }
        return try unescape(first..<at, place)
    }

    /// A string of plain words (names, addresses): never a secret.
    mutating func word(_ place: String, limit: Int = 256) throws(KeyFileError) -> String {
        skipSpace()
        let start = at
        let bytes = try string(place)
        guard bytes.count <= limit else { throw KeyFileError("longer than \(limit) bytes", place: place, at: start) }
        return bytes.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// An integer without sign.
    mutating func integer(_ place: String) throws(KeyFileError) -> Int {
        skipSpace()
        let start = at
        var value = 0
        while let byte = text.byte(at: at), (48...57).contains(byte) {
            guard at - start < 9 else { throw KeyFileError("too large a number", place: place, at: start) }
            value = value * 10 + Int(byte - 48)
            at += 1
        }
        guard at > start else { throw unexpected("a whole number", place) }
        if let next = text.byte(at: at), [46, 69, 101].contains(next) {
            throw KeyFileError("expected a whole number", place: place, at: start)
        }
        return value
    }

    mutating func boolean(_ place: String) throws(KeyFileError) -> Bool {
        skipSpace()
        for (word, value) in [("true", true), ("false", false)] {
            if word.utf8.enumerated().allSatisfy({ text.byte(at: at + $0.offset) == $0.element }) {
                at += word.utf8.count
                return value
            }
        }
        throw unexpected("true or false", place)
    }

    /// Nothing may follow the last bracket.
    mutating func end() throws(KeyFileError) {
        skipSpace()
        guard at >= text.count else { throw unexpected("the end of the file", "") }
    }

    // MARK: Characters

    private mutating func skipSpace() {
        while let byte = text.byte(at: at), byte == 0x20 || (0x09...0x0a).contains(byte) || byte == 0x0d { at += 1 }
    }

    private mutating func skip(_ wanted: UInt8) -> Bool {
        skipSpace()
        guard text.byte(at: at) == wanted else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ wanted: UInt8, _ what: String, _ place: String) throws(KeyFileError) {
        guard skip(wanted) else { throw unexpected(what, place) }
    }

    private func unexpected(_ what: String, _ place: String) -> KeyFileError {
        let found = at >= text.count ? ", but the file ends" : ""
        return KeyFileError("expected \(what)\(found)", place: place, at: at)
    }

    private mutating func name(_ place: String) throws(KeyFileError) -> String {
        let start = at
        let bytes = try string(place)
        guard bytes.count <= Self.longestName else {
            throw KeyFileError("unknown member with a long name", place: place, at: start)
        }
        let name = bytes.withBytes { String(decoding: $0, as: UTF8.self) }
        // Names go into error lines: what a terminal would act on stays out.
        guard name.unicodeScalars.allSatisfy(\.isPlain) else {
            throw KeyFileError("control character in a member's name", place: place, at: start)
        }
        return name
    }

    private func unescape(_ range: Range<Int>, _ place: String) throws(KeyFileError) -> Secret {
        var needed = 0
        var index = range.lowerBound
        while index < range.upperBound {
            index += text.byte(at: index) == UInt8(ascii: "\\") ? 2 : 1
            needed += 1
        }
        // A \u escape of 6 characters yields at most 3 bytes, a pair of them 4; each other character 1.
        let buffer = Secret(count: range.count)
        var count = 0
        index = range.lowerBound
        while index < range.upperBound {
            guard let byte = text.byte(at: index) else { break }
            if byte != UInt8(ascii: "\\") {
                buffer.withMutableBytes { $0[count] = byte }
                count += 1
                index += 1
                continue
            }
            let scalar = try escape(&index, range.upperBound, place)
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                buffer.withMutableBytes { $0[count] = unit }
                count += 1
            }
        }
        return count == buffer.count ? buffer : buffer.slice(0..<count)
    }

    /// The character that the escape at `index` means; moves behind it.
    private func escape(
        _ index: inout Int, _ end: Int, _ place: String
    ) throws(KeyFileError) -> Unicode.Scalar {
        let start = index
        guard index + 1 < end, let letter = text.byte(at: index + 1) else {
            throw KeyFileError("bad escape", place: place, at: start)
        }
        index += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = hexUnit(index, end) else { throw KeyFileError("bad escape", place: place, at: start) }
            index += 4
            guard (0xd800...0xdbff).contains(unit) else {
                guard let scalar = Unicode.Scalar(unit) else {
                    throw KeyFileError("half of a surrogate pair", place: place, at: start)
                }
                return scalar
            }
            guard text.byte(at: index) == UInt8(ascii: "\\"), text.byte(at: index + 1) == UInt8(ascii: "u"),
                let low = hexUnit(index + 2, end), (0xdc00...0xdfff).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
            else { throw KeyFileError("half of a surrogate pair", place: place, at: start) }
            index += 6
            return scalar
        default: throw KeyFileError("bad escape", place: place, at: start)
        }
    }

    private func hexUnit(_ index: Int, _ end: Int) -> UInt32? {
        guard index + 4 <= end else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = text.byte(at: index + offset).flatMap(Hex.digit) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func join(_ place: String, _ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
}
