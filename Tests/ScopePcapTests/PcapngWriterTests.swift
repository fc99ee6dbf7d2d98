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
            0, ticks: 0, [], options: expected.option(1, "bc") + expected.option(0, ""))

        var out: [UInt8] = []
        PcapngWriter.section(to: &out, application: "ikescope")
        PcapngWriter.interface(CaptureInterface(name: "sa", linkType: .raw), to: &out)
        let packet: [UInt8] = [0, 1, 2, 3, 4, 5, 6]
        out += enhancedPacket(1_700_000_000_123_456_789, packet[1..<6], original: 9)
        out += enhancedPacket(-5, [], comment: Array("bc".utf8))
        #expect(out == expected.bytes)
    }

    @Test("cuts a comment that no option can hold between two characters")
    func longComment() throws {
        var out: [UInt8] = []
        PcapngWriter.section(to: &out)
        PcapngWriter.interface(CaptureInterface(linkType: .raw), to: &out)
        out += enhancedPacket(1, [1], comment: [UInt8(ascii: "a")] + (0..<80_000).map { [0xc3, 0xa9][$0 & 1] })
        let found = decode(out)
        #expect(found.error == nil)
        #expect(found.rest == 0)
        try #require(found.records.first?.isCommented == true)
        let comment = found.decoder.comment
        #expect(comment.utf8.count == 65_535)
        #expect(comment.last == "é")
    }
}

private func enhancedPacket(
    _ nanoseconds: Int64, _ bytes: some Collection<UInt8>, original: Int? = nil, comment: [UInt8] = []
) -> [UInt8] {
    var block = [UInt8](
        repeating: 0xee, count: PcapngWriter.packetLength(captured: bytes.count, comment: comment.count))
    block.withUnsafeMutableBytes { block in
        Array(bytes).withUnsafeBytes { bytes in
            comment.withUnsafeBytes {
                PcapngWriter.packet(
                    into: block, time: Instant(nanoseconds: nanoseconds), bytes: bytes, originalLength: original,
                    comment: $0)
            }
        }
    }
    return block
}
