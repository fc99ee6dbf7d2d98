import ScopeCapture
import ScopePcap
import ScopeWire
import TestSupport
import Testing

/// Files that libpcap refuses or reads in part; tshark is the oracle.
@Suite("A pcapng file") struct PcapngFileTests {
    private let scratch = Scratch()
    private static let fields = [
        "frame.number", "frame.time_epoch", "frame.cap_len", "frame.len", "frame.interface_id", "frame.comment",
    ]

    /// A line per frame as tshark tells it; nil where it is not installed.
    private func tshark(_ path: String) -> [String]? {
        let options = ["-n", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "aggregator=;"]
        guard let result = run("tshark", options + Self.fields.flatMap { ["-e", $0] }) else { return nil }
        return result.output.split(separator: "\n").map(String.init)
    }

    private func ours(_ frames: [Frame], _ comments: [String?]) -> [String] {
        zip(frames, comments).map { frame, comment in
            let (seconds, rest) = frame.time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            let digits = String(rest)
            let fraction = String(repeating: "0", count: 9 - digits.count) + digits
            let comment = comment?.replacing("\n", with: ";") ?? ""
            return "\(frame.number)|\(seconds).\(fraction)|\(frame.capturedLength)|\(frame.originalLength)"
                + "|\(frame.interface)|\(comment)"
        }
    }

    private let ethernet: [UInt8] =
        [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5] + [UInt8](repeating: 0x5a, count: 33)

    private func mixed(bigEndian: Bool) -> PcapngBuilder {
        var file = PcapngBuilder(bigEndian: bigEndian)
        file.section(options: file.option(1, "section") + file.option(0, ""))
        file.interface(1, snapLength: 96, options: file.option(2, "eth0") + file.option(9, [9]))
        file.interface(101, snapLength: 65_535, options: file.option(2, "tun0") + file.option(9, [0x94]))
        file.interface(276, options: file.option(9, [3]) + file.option(14, file.u64(3600)))
        let start: UInt64 = 1_700_000_000
        file.enhanced(0, ticks: start * 1_000_000_000 + 123_456_789, ethernet, options: file.option(1, "one"))
        file.block(0x0bac, [1, 2, 3, 4])
        file.enhanced(
            1, ticks: start << 20 | 0x80000, [0x45, 0, 0, 20] + [UInt8](repeating: 0, count: 16), original: 400)
        file.enhanced(
            2, ticks: start * 1000 + 7, [UInt8](repeating: 0, count: 20),
            options: file.option(1, "a") + file.option(1, "b") + file.option(0, ""))
        file.statistics(0, received: 100, dropped: 3)
        return file
    }

    @Test("may mix link types, snap lengths and time resolutions", arguments: [false, true])
    func mixedInterfaces(bigEndian: Bool) throws {
        let file = mixed(bigEndian: bigEndian)
        let path = scratch.file("mixed-\(bigEndian).pcapng", file.bytes)
        let found = drain(try FileSource(path: path))
        #expect(found.error == nil)
        #expect(found.dropped == 3)
        #expect(found.frames.map(\.linkType) == [.ethernet, .raw, .linuxSLL2])
        if let expected = tshark(path) { #expect(ours(found.frames, found.comments) == expected) }
    }

    @Test("may hold sections of both byte orders, as libpcap cannot read them")
    func mixedSections() throws {
        var file = mixed(bigEndian: false)
        file.append(mixed(bigEndian: true).bytes)
        let path = scratch.file("sections.pcapng", file.bytes)
        #expect(libpcapPackets(path)?.complaint != nil)
        let source = try FileSource(path: path)
        let found = drain(source)
        #expect(found.error == nil)
        #expect(source.interfaces.map(\.name) == ["eth0", "tun0", nil, "eth0", "tun0", nil])
        #expect(source.sectionComments == ["section", "section"])
        #expect(found.frames.map(\.interface) == [0, 1, 2, 3, 4, 5])
        // tshark 4.0 numbers the interfaces of each section from 0.
        let frames = found.frames.map { frame in
            var frame = frame
            frame.interface %= 3
            return frame
        }
        if let expected = tshark(path) { #expect(ours(frames, found.comments) == expected) }
    }

    @Test("may hold records that are no packets but take a frame number in Wireshark")
    func customBlocks() throws {
        var file = PcapngBuilder()
        file.section()
        file.interface(1)
        file.block(0x0bad, file.u32(32_473) + [1, 2, 3, 4])
        file.enhanced(0, ticks: 1, ethernet)
        file.block(9, file.padded(Array("__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=x\n".utf8)))
        file.block(0x4000_0bad, file.u32(32_473))
        file.block(0x0bac, [1, 2, 3, 4])
        file.enhanced(0, ticks: 2, ethernet)
        let path = scratch.file("custom.pcapng", file.bytes)
        let found = drain(try FileSource(path: path))
        #expect(found.error == nil)
        let numbers = found.frames.map { String($0.number) }
        #expect(numbers == ["2", "5"])
        if let packets = run("tshark", ["-n", "-r", path, "-Y", "eth", "-T", "fields", "-e", "frame.number"]) {
            #expect(numbers == packets.output.split(separator: "\n").map(String.init))
        }
    }

    @Test("may hold simple packets and obsolete ones")
    func otherPackets() throws {
        var file = PcapngBuilder()
        file.section()
        file.interface(1, snapLength: 64)
        file.simple(ethernet)
        file.simple([UInt8](repeating: 1, count: 64), original: 99)
        file.obsolete(0, drops: 4, ticks: 1_700_000_000_000_001, ethernet)
        let path = scratch.file("others.pcapng", file.bytes)
        let found = drain(try FileSource(path: path))
        #expect(found.packets == libpcapPackets(path)?.packets)
        #expect(found.dropped == 4)
    }

    @Test("that mergecap makes of captures of several link types reads as tshark reads it")
    func merged() throws {
        let inputs = ["capture.pcap", "raw-esp-sll.pcap", "raw-esp-rawip.pcap", "raw-esp-nsec.pcap"].compactMap {
            Shared.path("captures/lab/02a-main-psk-aes256/" + $0)
        }
        let path = scratch.path + "/merged.pcapng"
        guard inputs.count == 4, run("mergecap", ["-I", "none", "-F", "pcapng", "-w", path] + inputs) != nil,
            let expected = tshark(path)
        else { return }
        let found = drain(try FileSource(path: path))
        #expect(found.error == nil)
        #expect(expected.count > 40)
        #expect(ours(found.frames, found.comments) == expected)
    }

    @Test("that our writer makes is read back by tshark, comments and names included")
    func written() throws {
        var out: [UInt8] = []
        PcapngWriter.section(to: &out, application: "test", comment: "décrit")
        PcapngWriter.interface(
            CaptureInterface(name: "eth0", description: "uplink", linkType: .ethernet, snapLength: 96), to: &out)
        PcapngWriter.interface(CaptureInterface(name: "inner", linkType: .raw), to: &out)
        let time = Instant(nanoseconds: 1_700_000_000_987_654_321)
        func add(_ bytes: [UInt8], interface: UInt32 = 0, original: Int? = nil, comment: String = "") {
            var block = [UInt8](
                repeating: 0xee, count: PcapngWriter.packetLength(captured: bytes.count, comment: comment.utf8.count))
            block.withUnsafeMutableBytes { block in
                bytes.withUnsafeBytes { bytes in
                    Array(comment.utf8).withUnsafeBytes {
                        PcapngWriter.packet(
                            into: block, interface: interface, time: time, bytes: bytes, originalLength: original,
                            comment: $0)
                    }
                }
            }
            out += block
        }
        add(Array(ethernet), comment: "SPI 0x1, two")
        add([0x45, 0, 0, 20], interface: 1, original: 20, comment: "outer frame 7")
        add(Array(ethernet.prefix(47)))
        let path = scratch.file("written.pcapng", out)
        let found = drain(try FileSource(path: path))
        #expect(found.comments == ["SPI 0x1, two", "outer frame 7", nil])
        if let expected = tshark(path) { #expect(ours(found.frames, found.comments) == expected) }
        if let names = run("tshark", ["-n", "-r", path, "-T", "fields", "-e", "frame.interface_name"]) {
            #expect(names.output == "eth0\ninner\neth0\n")
        }
        if let info = run("capinfos", ["-k", path]) { #expect(info.output.contains("décrit")) }
    }
}
