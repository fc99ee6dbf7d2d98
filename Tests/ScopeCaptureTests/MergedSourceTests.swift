import ScopeCapture
import ScopeWire
import TestSupport
import Testing

@Suite("Merged files") struct MergedSourceTests {
    private let scratch = Scratch()
    private func file(_ name: String, _ times: [UInt64], link: UInt16 = 1) -> String {
        var file = PcapngBuilder()
        file.section()
        file.interface(link, options: file.option(2, name))
        for time in times { file.enhanced(0, ticks: time, Array(name.utf8) + [UInt8(time)]) }
        return scratch.file(name, file.bytes)
    }

    @Test("come in the order of time, equal times in the order of the files")
    func order() throws {
        let paths = [file("m1", [1, 3, 5, 5, 9]), file("m2", [2, 3, 5, 7], link: 101), file("m3", [])]
        let source = try Captures.open(paths: paths)
        let found = drain(source)
        #expect(found.frames.map { $0.time.nanoseconds / 1000 } == [1, 2, 3, 3, 5, 5, 5, 7, 9])
        #expect(
            found.packets.map { String(decoding: $0.bytes.prefix(2), as: UTF8.self) }
                == ["m1", "m2", "m1", "m2", "m1", "m1", "m2", "m2", "m1"])
        #expect(found.frames.map(\.number) == Array(1...9))
        #expect(
            found.frames.map { source.interfaces[$0.interface].name }
                == found.packets.map {
                    String(decoding: $0.bytes.prefix(2), as: UTF8.self)
                })
        #expect(source.interfaces.map(\.name) == ["m1", "m2", "m3"])
    }

    @Test("are what mergecap makes of them")
    func mergecap() throws {
        let inputs = ["captures/lab/69b-esp-blocked-two-taps", "captures/lab/72-two-taps"].flatMap { folder in
            Shared.list(folder).filter { $0.hasSuffix(".pcap") }.compactMap { Shared.path(folder + "/" + $0) }
        }
        let path = scratch.path + "/mergecap.pcapng"
        guard inputs.count > 2, run("mergecap", ["-F", "pcapng", "-w", path] + inputs) != nil else { return }
        let expected = drain(try FileSource(path: path)).packets
        let found = drain(try Captures.open(paths: inputs))
        #expect(found.packets.map(\.time) == expected.map(\.time))
        #expect(Set(found.packets) == Set(expected))
    }

    @Test("are read to their ends before the cut of one is reported")
    func cut() throws {
        guard let bytes = Shared.bytes(file("c1", [1, 2])) else { return }
        let cut = scratch.file("c1-cut", bytes.dropLast(2))
        let source = try Captures.open(paths: [cut, file("c2", [3, 4])])
        let found = drain(source)
        #expect(found.frames.map { $0.time.nanoseconds / 1000 } == [1, 3, 4])
        guard case .cut(cut, 1, _, _)? = found.error else {
            Issue.record("\(found.error as Any)")
            return
        }
        #expect(try source.next() == nil)
    }
}
