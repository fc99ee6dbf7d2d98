import ScopePcap
import ScopeWire
import TestSupport
import Testing

@Suite("The pcapng writer") struct PcapngWriterTests {
    @Test("writes the bytes that the draft draws")
    func bytes() {
        var expected = PcapngBuilder()
        expected.section(options: expected.option(4, "ikescope") + expected.option(0, ""))
        expected.interface(
            101, snapLength: 0, options: expected.option(2, "sa") + expected.option(9, [9]) + expected.option(0, ""))
        expected.enhanced(0, ticks: 1_700_000_000_123_456_789, [1, 2, 3, 4, 5], original: 9)
        expected.enhanced(
            0, ticks: 0, [], options: expected.option(1, "a") + expected.option(1, "bc") + expected.option(0, ""))

        var out: [UInt8] = []
        PcapngWriter.section(to: &out, application: "ikescope")
        PcapngWriter.interface(CaptureInterface(name: "sa", linkType: .raw), to: &out)
        let packet: [UInt8] = [0, 1, 2, 3, 4, 5, 6]
        PcapngWriter.packet(
            to: &out, time: Instant(nanoseconds: 1_700_000_000_123_456_789), bytes: packet.span.bytes, in: 1..<6,
            originalLength: 9)
        PcapngWriter.packet(
            to: &out, time: Instant(nanoseconds: -5), bytes: [UInt8]().span.bytes, comments: ["a", "bc"])
        #expect(out == expected.bytes)
    }

    @Test("cuts a comment that no option can hold between two characters")
    func longComment() throws {
        var out: [UInt8] = []
        PcapngWriter.section(to: &out)
        PcapngWriter.interface(CaptureInterface(linkType: .raw), to: &out)
        PcapngWriter.packet(to: &out, time: Instant(nanoseconds: 1), bytes: [1].span.bytes, in: 0..<1) { text in
            text.append(UInt8(ascii: "a"))
            for _ in 0..<40_000 { text.append(contentsOf: [0xc3, 0xa9]) }
        }
        let found = decode(out)
        #expect(found.error == nil)
        #expect(found.rest == 0)
        let comment = try #require(found.records.first?.comment)
        #expect(comment.utf8.count == 65_535)
        #expect(comment.last == "é")
    }
}
