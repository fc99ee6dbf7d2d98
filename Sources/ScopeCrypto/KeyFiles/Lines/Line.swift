import Glibc
import ScopeWire

/// A line of a text file, or a part of one: a view into a buffer that is wiped, good only while the line is handed round.
///
/// Only words that are no secret become a `String`.
struct Line {
    let bytes: UnsafeRawBufferPointer
    /// From 1.
    let number: Int
    /// The line was longer than any line of a key file, and this is its beginning.
    let isCut: Bool

    init(_ bytes: UnsafeRawBufferPointer, number: Int, isCut: Bool = false) {
        self.bytes = bytes
        self.number = number
        self.isCut = isCut
    }

    var count: Int { bytes.count }
    var isEmpty: Bool { bytes.isEmpty }

    subscript(index: Int) -> UInt8? { index >= 0 && index < bytes.count ? bytes[index] : nil }

    subscript(range: Range<Int>) -> Line {
        Line(UnsafeRawBufferPointer(rebasing: bytes[range.clamped(to: 0..<bytes.count)]), number: number, isCut: isCut)
    }

    func dropFirst(_ count: Int) -> Line { self[min(max(count, 0), self.count)..<self.count] }

    // MARK: Looking

    func hasPrefix(_ text: StaticString) -> Bool { begins(with: text, at: 0) }

    @inline(__always)
    private func begins(with text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= count, let base = bytes.baseAddress else {
            return text.utf8CodeUnitCount == 0
        }
        return memcmp(base + start, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && hasPrefix(text) }

    /// Where `text`, of at least one byte, begins for the first time, at or behind `start`.
    func find(_ text: StaticString, from start: Int = 0) -> Int? {
        var at = start
        while let found = find(text.utf8Start[0], from: at) {
            if begins(with: text, at: found) { return found }
            at = found + 1
        }
        return nil
    }

    func contains(_ text: StaticString) -> Bool { find(text) != nil }

    func find(_ byte: UInt8, from start: Int = 0) -> Int? {
        guard start >= 0, start < count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    // MARK: Cutting

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// Without blanks at both ends.
    var trimmed: Line {
        var (start, end) = (0, count)
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        return self[start..<end]
    }

    /// Its words; those behind the first `limit` are left out.
    func words(limit: Int = 64) -> [Line] {
        var result: [Line] = []
        var at = 0
        while result.count < limit {
            while let byte = self[at], Self.isBlank(byte) { at += 1 }
            guard at < count else { break }
            let start = at
            while let byte = self[at], !Self.isBlank(byte) { at += 1 }
            result.append(self[start..<at])
        }
        return result
    }

    /// A pair of quotes around it taken off.
    var unquoted: Line {
        guard count >= 2, let first = self[0], first == UInt8(ascii: "\"") || first == UInt8(ascii: "'"),
            self[count - 1] == first
        else { return self }
        return self[1..<(count - 1)]
    }

    // MARK: Values

    /// A word that is no secret.
    var text: String { String(decoding: bytes.prefix(512), as: UTF8.self) }

    var secret: Secret { Secret(copying: bytes) }

    var address: IPAddress? { count <= 64 ? IPAddress(text) : nil }

    var decimal: Int? {
        guard !isEmpty, count <= 9 else { return nil }
        var value = 0
        for byte in bytes {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    /// A number in hexadecimal, a leading `0x` allowed; nil for more than `digits` digits or anything else.
    func hexNumber(digits: Int) -> UInt64? {
        let bare = hasPrefix("0x") || hasPrefix("0X") ? dropFirst(2) : self
        guard !bare.isEmpty, bare.count <= min(digits, 16) else { return nil }
        var value: UInt64 = 0
        for byte in bare.bytes {
            guard let digit = Hex.digit(byte) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    /// Key bytes in hexadecimal, a leading `0x` allowed.
    var hexSecret: Secret? { count <= 16_384 ? Hex.decode(secret) : nil }
}
