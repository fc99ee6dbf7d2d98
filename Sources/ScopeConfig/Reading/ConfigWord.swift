import ScopeWire

/// A word of a line.
///
/// It may be a key, so it becomes a `String` only where it cannot be one.
struct ConfigWord {
    let bytes: ArraySlice<UInt8>

    var isEmpty: Bool { bytes.isEmpty }

    /// Whether it is this keyword, in whatever case.
    func equals(_ keyword: StaticString) -> Bool {
        bytes.count == keyword.utf8CodeUnitCount && abbreviates(keyword, least: bytes.count)
    }

    /// Whether it is this keyword or its first letters, `least` or more: words typed by hand are often shortened.
    func abbreviates(_ keyword: StaticString, least: Int) -> Bool {
        guard bytes.count >= least, bytes.count <= keyword.utf8CodeUnitCount, !bytes.isEmpty else { return false }
        return keyword.withUTF8Buffer { letters in
            zip(bytes, letters).allSatisfy { byte, letter in
                byte == letter || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == letter
            }
        }
    }

    func hasPrefix(_ text: StaticString) -> Bool {
        bytes.count >= text.utf8CodeUnitCount && ConfigWord(bytes: bytes.prefix(text.utf8CodeUnitCount)).equals(text)
    }

    /// A name or value that is no secret, cut at 128 bytes, and without control characters.
    var text: String {
        let text = String(decoding: bytes.prefix(128), as: UTF8.self)
        return text.unicodeScalars.allSatisfy(\.isPlain) ? text : String(plain: text, substitute: "\u{FFFD}")
    }

    var lowercased: String { text.lowercased() }

    var number: UInt64? {
        guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
        var value: UInt64 = 0
        for byte in bytes {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + UInt64(byte - 48)
        }
        return value
    }

    /// A number that counts something: 0 to 4 294 967 295.
    var count: Int? { number.flatMap { $0 <= UInt64(UInt32.max) ? Int($0) : nil } }

    var address: IPAddress? { bytes.count <= 64 ? IPAddress(text) : nil }

    /// The 32 bits of an IPv4 address or mask.
    var v4: UInt32? {
        guard let address, !address.isV6 else { return nil }
        return UInt32(truncatingIfNeeded: address.low)
    }

    /// `10.0.0.0/8` or `2001:db8::/32`.
    var prefix: IPPrefix? { bytes.count <= 64 ? IPPrefix(text) : nil }
}

/// A line of a configuration, cut into words.
struct ConfigLine {
    /// From 1.
    var number: Int
    var words: [ConfigWord]
    /// Whether it begins with a blank, or follows the prompt of a nested configuration mode.
    var isIndented: Bool
    /// The prompt of a router before it.
    var prompt: Prompt?

    enum Prompt: Equatable {
        /// `R1>` or `R1#`: no configuration follows.
        case exec
        /// `R1(config)#` or a nested mode.
        case configuration(isBelow: Bool)
    }

    subscript(index: Int) -> ConfigWord {
        words.indices.contains(index) ? words[index] : ConfigWord(bytes: [])
    }

    var count: Int { words.count }

    func has(_ index: Int, _ keyword: StaticString) -> Bool { self[index].equals(keyword) }

    func first(_ keyword: StaticString) -> Int? { words.firstIndex { $0.equals(keyword) } }

    func words(from index: Int) -> ArraySlice<ConfigWord> { words.dropFirst(index) }

    /// The line without the word at `index`.
    func without(_ index: Int) -> ConfigLine {
        var line = self
        if line.words.indices.contains(index) { line.words.remove(at: index) }
        return line
    }

    /// The line without its first `count` words.
    func dropFirst(_ count: Int) -> ConfigLine {
        var line = self
        line.words.removeFirst(min(max(count, 0), words.count))
        return line
    }
}
