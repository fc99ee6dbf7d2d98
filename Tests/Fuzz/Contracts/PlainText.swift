/// Whether bytes are text that a terminal shows as it is read: UTF-8, and nothing that moves, hides or turns text.
enum PlainText {
    static func check(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var at = 0
        while at < bytes.count {
            // Most of it, eight bytes at a time: the fuzzer looks at every comparison.
            while at + 8 <= bytes.count, isPrintable(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) {
                at += 8
            }
            guard at < bytes.count else { return }
            at += try character(at, bytes)
        }
    }

    /// Whether all eight bytes are printable ASCII: none has its highest bit set, is below a space, or is 0x7f.
    private static func isPrintable(_ word: UInt64) -> Bool {
        let highest: UInt64 = 0x8080_8080_8080_8080
        // With the highest bits out of the way no byte carries into the next one.
        let rest = word & ~highest
        let isDelete = rest &+ 0x0101_0101_0101_0101
        let isVisible = rest &+ 0x6060_6060_6060_6060
        return (word | isDelete | ~isVisible) & highest == 0
    }

    /// The length of a character that may stand there.
    private static func character(_ at: Int, _ bytes: UnsafeRawBufferPointer) throws(Violation) -> Int {
        let byte = bytes[at]
        // IOS begins lines with a tab; a peer's is escaped.
        if (0x20..<0x7f).contains(byte) || byte == 10 || byte == 9 && at > 0 && [10, 32].contains(bytes[at - 1]) {
            return 1
        }
        let length = byte < 0x80 ? 1 : byte & 0xe0 == 0xc0 ? 2 : byte & 0xf0 == 0xe0 ? 3 : 4
        let part = bytes[at..<min(at + length, bytes.count)]
        guard let text = String(validating: part, as: UTF8.self), let scalar = text.unicodeScalars.first else {
            throw Violation(description: "no UTF-8: \(around(at, bytes))")
        }
        try require(
            !TerminalScalars.mislead(scalar),
            "U+\(String(scalar.value, radix: 16)) in text for a terminal: \(around(at, bytes))")
        return length
    }

    private static func around(_ at: Int, _ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes[max(0, at - 100)..<min(bytes.count, at + 20)], as: UTF8.self).debugDescription
    }
}
