/// Pre-shared keys as strongSwan and libreswan write them: text in quotes, `0x` and hexadecimal, `0s` and Base64.
enum SecretText {
    /// Nil for bytes that cannot be read as what their beginning says; empty for no key.
    ///
    /// - Parameter readsPrefix: whether `0x` and `0s` are told apart from text.
    /// - Parameter readsEscapes: whether a backslash makes another character of the one behind it.
    static func key(_ text: Line, readsPrefix: Bool, readsEscapes: Bool = false) -> Secret? {
        if readsEscapes, text.contains("\\") { return unescaped(text) }
        guard readsPrefix else { return text.secret }
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return text.hexSecret }
        if text.hasPrefix("0s") || text.hasPrefix("0S") { return base64(text.dropFirst(2)) }
        if text.hasPrefix("0t") || text.hasPrefix("0T") { return text.dropFirst(2).secret }
        return text.secret
    }

    private static func unescaped(_ text: Line) -> Secret {
        var buffer = SecretBuffer(capacity: text.count)
        var at = 0
        while let byte = text[at] {
            at += 1
            guard byte == UInt8(ascii: "\\"), let next = text[at] else {
                buffer.append(byte)
                continue
            }
            at += 1
            switch next {
            case UInt8(ascii: "n"): buffer.append(0x0a)
            case UInt8(ascii: "r"): buffer.append(0x0d)
            case UInt8(ascii: "t"): buffer.append(0x09)
            case UInt8(ascii: "b"): buffer.append(0x08)
            case UInt8(ascii: "f"): buffer.append(0x0c)
            default: buffer.append(next)
            }
        }
        return buffer.secret
    }

    /// RFC 4648 section 4; padding may be left out.
    static func base64(_ text: Line) -> Secret? {
        var buffer = SecretBuffer(capacity: text.count)
        var bits: UInt32 = 0
        var held = 0
        var ended = false
        for byte in text.bytes {
            if byte == UInt8(ascii: "=") {
                ended = true
                continue
            }
            guard !ended, let value = sextet(byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                buffer.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return held < 6 ? buffer.secret : nil
    }

    private static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
