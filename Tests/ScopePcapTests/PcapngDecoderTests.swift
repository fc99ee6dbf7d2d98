import ScopePcap
import ScopeWire
import TestSupport
import Testing

@Suite("The pcapng decoder") struct PcapngDecoderTests {
    private func started(bigEndian: Bool = false) -> PcapngBuilder {
        var file = PcapngBuilder(bigEndian: bigEndian)
        file.section()
        file.interface(1)
        return file
    }

    @Test("keeps comments, names, counters and losses in both byte orders", arguments: [false, true])
    func options(bigEndian: Bool) throws {
        var file = PcapngBuilder(bigEndian: bigEndian)
        file.section(options: file.option(1, "made by hand") + file.option(4, "test") + file.option(0, ""))
        file.interface(1, snapLength: 96, options: file.option(2, "eth0") + file.option(3, "uplink"))
        let drops = file.option(4, file.u64(3))
        file.enhanced(
            0, ticks: 5, [1, 2, 3], original: 90, options: file.option(1, "first") + file.option(1, "second") + drops)
        file.block(0x0bad, [1, 2, 3, 4])
        file.statistics(0, received: 77, dropped: 10)
        file.obsolete(0, drops: 2, ticks: 6, [9])
        let found = decode(file.bytes)
        #expect(found.error == nil)
        #expect(found.rest == 0)
        #expect(found.decoder.sectionComments == ["made by hand"])
        var interface = CaptureInterface(name: "eth0", description: "uplink", linkType: .ethernet, snapLength: 96)
        interface.received = 77
        interface.dropped = 10
        #expect(found.decoder.interfaces == [interface])
        #expect(found.records.map(\.isCommented) == [true, false] && found.decoder.comment == "first\nsecond")
        #expect(found.records.map(\.lost) == [3, 2])
        #expect(found.lost == [7], "three of the ten were told by the packet")
        #expect(found.records.map { Array(file.bytes[$0.data]) } == [[1, 2, 3], [9]])
        #expect(found.records.map(\.originalLength) == [90, 1])
    }

    @Test(
        "scales every timestamp resolution to nanoseconds without a trap",
        arguments: [
            (nil, 1_000_001, 1_000_001_000), (6, 1_000_001, 1_000_001_000), (0, 3, 3_000_000_000), (9, 7, 7),
            (3, 1500, 1_500_000_000), (12, 1_234_567, 1_234), (19, 20_000_000_000, 2), (127, UInt64.max, 0),
            (0x80, 2, 2_000_000_000), (0x81, 3, 1_500_000_000), (0x8a, 1536, 1_500_000_000),
            (0xa0, 3 << 31, 1_500_000_000), (0xbf, UInt64.max, 1_999_999_999), (0xc0, UInt64.max, 999_999_999),
            (0xff, UInt64.max, 0), (6, UInt64.max, Int64.max), (0x80, UInt64.max, Int64.max),
        ] as [(UInt8?, UInt64, Int64)])
    func resolution(octet: UInt8?, ticks: UInt64, nanoseconds: Int64) {
        var file = PcapngBuilder()
        file.section()
        file.interface(1, options: octet.map { file.option(9, [$0]) } ?? [])
        file.enhanced(0, ticks: ticks, [])
        #expect(decode(file.bytes).records.map(\.time.nanoseconds) == [nanoseconds])
    }

    @Test(
        "adds the interface's time offset and stops at the ends of time",
        arguments: [
            (100 as Int64, 100_000_000_005 as Int64), (-1, -999_999_995), (.max, .max), (.min, .min),
            (9_223_372_036, 9_223_372_036_000_000_005),
        ])
    func timeOffset(seconds: Int64, nanoseconds: Int64) {
        var file = PcapngBuilder(bigEndian: true)
        file.section()
        file.interface(1, options: file.option(9, [9]) + file.option(14, file.u64(UInt64(bitPattern: seconds))))
        file.enhanced(0, ticks: 5, [])
        #expect(decode(file.bytes).records.map(\.time.nanoseconds) == [nanoseconds])
    }

    @Test("cuts a simple packet to the snap length of the section's first interface")
    func simplePacket() {
        var file = PcapngBuilder()
        file.section()
        file.interface(101, snapLength: 4)
        file.interface(1)
        file.simple([1, 2, 3, 4], original: 60)
        let found = decode(file.bytes)
        #expect(found.records.map(\.data.count) == [4])
        #expect(found.records.map(\.originalLength) == [60])
        #expect(found.records.map(\.linkType) == [.raw])
    }

    @Test("counts interfaces anew in each section, whatever its byte order")
    func sections() {
        var file = started()
        file.enhanced(0, ticks: 1, [1])
        file.isBigEndian = true
        file.section()
        file.interface(101)
        file.interface(276)
        file.enhanced(1, ticks: 2, [2])
        file.enhanced(0, ticks: 3, [3])
        let found = decode(file.bytes)
        #expect(found.records.map(\.interface) == [0, 2, 1])
        #expect(found.records.map(\.linkType) == [.ethernet, .linuxSLL2, .raw])
        #expect(found.records.map(\.time.nanoseconds) == [1000, 2000, 3000])
    }

    @Test("refuses blocks that contradict themselves, with the block's place")
    func refusals() {
        let place = UInt64(started().bytes.count)
        func error(_ build: (inout PcapngBuilder) -> Void) -> FormatError? {
            var file = started()
            build(&file)
            return decode(file.bytes).error
        }
        #expect(error { $0.enhanced(1, ticks: 0, []) } == FormatError(.unknownInterface(1), at: place))
        #expect(error { $0.enhanced(.max, ticks: 0, []) } == FormatError(.unknownInterface(.max), at: place))
        #expect(
            error { $0.append([6, 0, 0, 0, 14, 0, 0, 0, 0, 0, 14, 0, 0, 0]) }
                == FormatError(.badBlockLength(14), at: place))
        #expect(
            error { $0.append([6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]) } == FormatError(.badBlockLength(8), at: place))
        #expect(
            error { $0.append([9, 0, 0, 0, 0xfc, 0xff, 0xff, 0xff, 0, 0, 0, 0]) }
                == FormatError(.tooLong(0xffff_fffc), at: place))
        #expect(
            error { $0.append([9, 0, 0, 0, 12, 0, 0, 0, 16, 0, 0, 0]) }
                == FormatError(.lengthMismatch(start: 12, end: 16), at: place))
        #expect(error { $0.block(6, [0, 0, 0, 0]) } == FormatError(.shortBlock(type: 6, length: 16), at: place))
        #expect(
            error { $0.block(6, $0.u32(0) + $0.u64(0) + $0.u32(5) + $0.u32(5) + [1, 2, 3, 4]) }
                == FormatError(.packetBeyondBlock(captured: 5, room: 4), at: place))
        #expect(error { $0.simple([1, 2, 3, 4], original: 60) }?.offset == place)
        #expect(
            error { $0.block(0x0a0d_0d0a, [1, 2, 3, 4] + [UInt8](repeating: 0, count: 12)) }
                == FormatError(.badByteOrderMagic(0x0403_0201), at: place))
        var early = PcapngBuilder()
        early.section()
        early.enhanced(0, ticks: 0, [1])
        #expect(decode(early.bytes).error == FormatError(.unknownInterface(0), at: 28))
    }

    @Test("keeps a packet whose options run out of their block")
    func brokenOptions() {
        var file = started()
        file.enhanced(0, ticks: 0, [1], options: [1, 0, 200, 0])
        #expect(decode(file.bytes).records.map(\.isCommented) == [false])
    }

    @Test("survives any change of any byte")
    func mutations() {
        var file = PcapngBuilder()
        file.section(options: file.option(1, "c"))
        file.interface(1, options: file.option(2, "eth0") + file.option(9, [0x8a]) + file.option(14, file.u64(1)))
        file.enhanced(0, ticks: 1, [1, 2, 3], options: file.option(1, "hello") + file.option(4, file.u64(3)))
        file.simple([1, 2])
        file.obsolete(0, drops: 1, ticks: 9, [1])
        file.statistics(0, received: 1, dropped: 2)
        for index in file.bytes.indices {
            for value: UInt8 in [0, 1, 3, 4, 0x0a, 0x7f, 0x80, 0xfe, 0xff] {
                var changed = file.bytes
                changed[index] = value
                let found = decode(changed)
                #expect(found.records.allSatisfy { $0.data.upperBound <= changed.count })
            }
        }
    }
}
