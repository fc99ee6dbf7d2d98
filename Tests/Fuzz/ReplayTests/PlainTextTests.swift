import Testing

@testable import FuzzContracts

@Suite("The contract of text refuses what misleads, and nothing else") struct PlainTextContractTests {
    private func isTaken(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(Violation) {
                try PlainText.check(bytes)
                return true
            } catch { return false }
        }
    }

    /// From UnicodeData.txt, PropList.txt and DerivedCoreProperties.txt: a character of each kind, and its neighbours.
    @Test(
        "one step away from each character that misleads is one that does not",
        arguments: [
            (0x1b, 0x20), (0x7f, 0x7e), (0x9f, 0xa0), (0xad, 0xac), (0x34f, 0x34e), (0x61c, 0x61b), (0x115f, 0x115e),
            (0x180e, 0x180a), (0x200b, 0x200a), (0x200f, 0x2010), (0x2028, 0x2027), (0x202e, 0x2030), (0x2064, 0x205e),
            (0x2066, 0x2070), (0x3164, 0x3163), (0xfe0f, 0xfe10), (0xfeff, 0xfefc), (0xfff9, 0xfffd),
            (0xe0001, 0x1f600), (0xe000, 0xd7a3), (0x378, 0x377),
        ] as [(UInt32, UInt32)])
    func steps(bad: UInt32, good: UInt32) throws {
        let (bad, good) = (try #require(Unicode.Scalar(bad)), try #require(Unicode.Scalar(good)))
        // At every place of a word of eight bytes, which are looked at together.
        for count in 0..<9 {
            let before = String(repeating: "a", count: count)
            #expect(!isTaken("\(before)\(bad)b"), "U+\(String(bad.value, radix: 16))")
            #expect(isTaken("\(before)\(good)b"), "U+\(String(good.value, radix: 16))")
        }
    }

    @Test("ends of lines are taken, and a tab where IOS begins a line with one")
    func lines() {
        #expect(isTaken("a line\n\tanother\n") && !isTaken("a\tb") && !isTaken("a\r\n"))
    }

    @Test(
        "bytes that are no UTF-8 are refused",
        arguments: [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xe2, 0x82]] as [[UInt8]])
    func broken(bytes: [UInt8]) {
        #expect(throws: Violation.self) { try bytes.withUnsafeBytes { try PlainText.check($0) } }
    }
}
