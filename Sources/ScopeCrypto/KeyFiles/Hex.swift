/// Hexadecimal text.
enum Hex {
    /// The value of one digit, in either case.
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    /// The bytes that `text` spells, a leading `0x` allowed; nil for an odd count or any other character.
    static func decode(_ text: Secret) -> Secret? {
        var start = 0
        if text.byte(at: 0) == 48, text.byte(at: 1) == 120 || text.byte(at: 1) == 88 { start = 2 }
        guard (text.count - start) % 2 == 0 else { return nil }
        let bytes = Secret(count: (text.count - start) / 2)
        let good = bytes.withMutableBytes { target in
            for index in target.indices {
                guard let high = text.byte(at: start + index * 2).flatMap(digit),
                    let low = text.byte(at: start + index * 2 + 1).flatMap(digit)
                else { return false }
                target[index] = high << 4 | low
            }
            return true
        }
        return good ? bytes : nil
    }

    static func spell(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
