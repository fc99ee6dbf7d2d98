import ScopeWire
import Testing

@Suite("Which characters may be printed as they are")
struct PlainTextTests {
    /// From PropList.txt and DerivedCoreProperties.txt of Unicode 15.
    private static let bidiControl: [ClosedRange<UInt32>] = [
        0x61c...0x61c, 0x200e...0x200f, 0x202a...0x202e, 0x2066...0x2069,
    ]
    private static let defaultIgnorable: [ClosedRange<UInt32>] = [
        0xad...0xad, 0x34f...0x34f, 0x61c...0x61c, 0x115f...0x1160, 0x17b4...0x17b5, 0x180b...0x180f, 0x200b...0x200f,
        0x202a...0x202e, 0x2060...0x206f, 0x3164...0x3164, 0xfe00...0xfe0f, 0xfeff...0xfeff, 0xffa0...0xffa0,
        0xfff0...0xfff8, 0x1bca0...0x1bca3, 0x1d173...0x1d17a, 0xe0000...0xe0fff,
    ]
    /// Controls, separators, other format characters, private use, noncharacters, not assigned.
    private static let others: [ClosedRange<UInt32>] = [
        0...0x1f, 0x7f...0x9f, 0x2028...0x2029, 0x600...0x605, 0x6dd...0x6dd, 0x70f...0x70f, 0x8e2...0x8e2,
        0xfff9...0xfffb, 0x110bd...0x110bd, 0x13430...0x1343f, 0xe000...0xf8ff, 0xf0000...0xf0fff, 0x10ff00...0x10ffff,
        0xfdd0...0xfdef, 0xfffe...0xffff, 0x378...0x379, 0xe1000...0xe10ff,
    ]

    @Test("nothing that steers, turns round or hides text is plain")
    func refused() {
        for range in Self.bidiControl + Self.defaultIgnorable + Self.others {
            for value in range {
                #expect(Unicode.Scalar(value)?.isPlain == false, "U+\(String(value, radix: 16))")
            }
        }
    }

    @Test("letters, marks, numbers, punctuation, symbols and blanks of all scripts are")
    func taken() {
        for text in ["Az09 ~\\", "é\u{301}ß", "Ωж", "אב", "عرب", "漢字かな한", "\u{a0}\u{3000}", "€→…😀", "\u{fffd}"] {
            for scalar in text.unicodeScalars { #expect(scalar.isPlain, "U+\(String(scalar.value, radix: 16))") }
        }
        #expect(String(plain: "a\u{202e}b\u{61c}c", substitute: "?") == "a?b?c")
    }
}
