import Foundation
import ScopePcap
import ScopeWire
import TestSupport
import Testing

@testable import ScopeCapture

@Suite("A file source") struct FileSourceTests {
    private let sample = "captures/lab/13a-peer-silent/capture.pcap"
    private let sampleNG = "captures/lab/02a-main-psk-aes256/raw-esp.pcapng"

    @Test("reads what libpcap reads, from every capture at hand", arguments: SharedCaptures.all)
    func agreesWithLibpcap(name: String) throws {
        let path = try #require(Shared.path(name))
        let expected = try #require(libpcapPackets(path))
        let actual = drain(try FileSource(path: path))
        #expect(actual.packets == expected.packets)
        #expect((actual.error == nil) == (expected.complaint == nil), "\(actual.error as Any)")
        #expect(actual.frames.map(\.number) == Array(1..<(actual.frames.count + 1)))
    }

    @Test("reads the same in blocks that are smaller than a packet", arguments: [64, 100, 1000], [false, true])
    func smallBlocks(length: Int, readsAhead: Bool) throws {
        guard let path = Shared.path(sampleNG) else { return }
        let source = try FileSource(path: path, blockLength: length, readsAhead: readsAhead)
        #expect(drain(source).packets == libpcapPackets(path)?.packets)
    }

    @Test("reads the same ahead, and ends with the same error", arguments: SharedCaptures.all)
    func ahead(name: String) throws {
        let path = try #require(Shared.path(name))
        let plain = drain(try FileSource(path: path))
        let source = try FileSource(path: path, blockLength: 4096, readsAhead: true)
        let ahead = drain(source)
        #expect(ahead.packets == plain.packets)
        #expect(ahead.comments == plain.comments)
        #expect(ahead.error.map { "\($0)" } == plain.error.map { "\($0)" })
        #expect(ahead.error != nil || source.progress?.read == source.progress?.total)
    }

    @Test("reads records ahead that no room before a block can hold")
    func aheadOfLongRecords() throws {
        var file: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 8)
        file += [0, 0, 16, 0, 1, 0, 0, 0]
        for length in [10, 200_000, 70_000, 3, 300_000] {
            let field = withUnsafeBytes(of: UInt32(length).littleEndian) { Array($0) }
            file += [UInt8](repeating: 0, count: 8) + field + field
            file += (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        }
        let scratch = Scratch()
        let path = scratch.file("long.pcap", file)
        let plain = drain(try FileSource(path: path))
        #expect(plain.error == nil && plain.packets.map(\.bytes.count) == [10, 200_000, 70_000, 3, 300_000])
        for length in [100, 5000, 150_000] {
            #expect(drain(try FileSource(path: path, blockLength: length, readsAhead: true)).packets == plain.packets)
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("delivers the whole packets before a cut at any byte, then says where it was cut")
    func truncation() throws {
        let scratch = Scratch()
        for name in [sample, sampleNG] {
            guard let path = Shared.path(name), let whole = Shared.bytes(path) else { return }
            let file = Array(whole.prefix(3000))
            let packets = try #require(libpcapPackets(path)).packets
            for length in 1..<file.count {
                let cut = scratch.file("cut", file.prefix(length))
                // Where packets end is what libpcap makes of the same bytes.
                let expected = libpcapPackets(cut)
                let source: FileSource
                do throws(CaptureError) {
                    source = try FileSource(path: cut)
                } catch {
                    #expect(expected?.packets.isEmpty ?? true, "\(length)")
                    guard case .cut(cut, 0, 0, _) = error else {
                        Issue.record("cut at \(length): \(error)")
                        continue
                    }
                    continue
                }
                let actual = drain(source)
                #expect(actual.packets == expected?.packets ?? [], "cut at \(length)")
                #expect(actual.packets == Array(packets.prefix(actual.packets.count)))
                // Behind the section header the file is whole, if empty; libpcap wants an interface.
                if expected.map({ $0.complaint == nil }) ?? (length == Int(file[4])) {
                    #expect(actual.error == nil, "cut at \(length)")
                } else if case .cut(cut, actual.packets.count, let offset, _)? = actual.error {
                    #expect(offset < UInt64(length))
                } else {
                    Issue.record("cut at \(length): \(actual.error as Any)")
                }
            }
        }
    }

    @Test("is at its end after an error")
    func afterError() throws {
        guard let path = Shared.path(sample), let whole = Shared.bytes(path) else { return }
        let scratch = Scratch()
        let source = try FileSource(path: scratch.file("cut", whole.dropLast()))
        #expect(drain(source).error != nil)
        #expect(try source.next() == nil)
    }

    @Test("says plainly what is not there or is no capture")
    func errors() throws {
        let scratch = Scratch()
        func error(_ path: String) -> CaptureError? {
            do throws(CaptureError) {
                _ = try Captures.open(paths: [path])
                return nil
            } catch {
                return error
            }
        }
        let missing = scratch.path + "/missing"
        #expect(error(missing) == .notFound(file: missing))
        #expect(error(missing)?.exitStatus == 66)
        #expect(error(scratch.path) == .isDirectory(file: scratch.path))
        let empty = scratch.file("empty")
        #expect(error(empty) == .empty(file: empty))
        #expect(error(empty)?.exitStatus == 65)
        for content in ["G", "hello world, this is no capture", "\u{1f}"] {
            let text = scratch.file("text", content.utf8)
            guard case .notACapture(text, _)? = error(text) else {
                Issue.record("\(content): \(error(text) as Any)")
                continue
            }
            #expect(error(text)?.exitStatus == 65)
        }
        let zstd = scratch.file("capture.zst", [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0])
        #expect("\(error(zstd).map(String.init(describing:)) ?? "")".contains("zstd"))
    }

    @Test("says what to grant when a file or an interface may not be opened")
    func notPermitted() throws {
        let scratch = Scratch()
        let secret = scratch.file("secret", [1, 2, 3, 4])
        chmod(secret, 0)
        let found = withoutPrivileges {
            let file: CaptureError?
            do throws(CaptureError) {
                _ = try Captures.open(paths: [secret])
                file = nil
            } catch {
                file = error
            }
            do throws(CaptureError) {
                _ = try Captures.live(interface: "lo")
                return [file]
            } catch {
                return [file, error]
            }
        }
        try #require(found.count == 2)
        #expect(found.map { $0?.exitStatus } == [77, 77])
        #expect(found[0]?.description == "\(secret): not permitted; the file must be readable")
        #expect(try #require(found[1]).description.contains("setcap cap_net_raw"))
    }

    @Test("reads the standard input under the name of a dash")
    func standardInput() throws {
        guard let path = Shared.path(sample) else { return }
        let saved = dup(0)
        let file = open(path, O_RDONLY)
        dup2(file, 0)
        let source = try Captures.open(paths: ["-"])
        dup2(saved, 0)
        close(file)
        close(saved)
        #expect(drain(source).packets == libpcapPackets(path)?.packets)
    }

    @Test("leaves a file of a kind it does not know to libpcap, which reads the same")
    func libpcapOnly() throws {
        guard let path = Shared.path("captures/lab/02a-main-psk-aes256/raw-esp-rawip.pcap") else { return }
        let theirs = drain(try #require(OfflineSource(path: path)))
        let ours = drain(try FileSource(path: path))
        #expect(theirs.packets == ours.packets)
        #expect(theirs.frames == ours.frames)
        #expect(theirs.error == nil)
    }

    @Test("skips blocks of megabytes and takes a packet of megabytes, but no more than that")
    func largeRecords() throws {
        let scratch = Scratch()
        var file = PcapngBuilder()
        file.section()
        file.interface(1)
        file.block(0x0bac, [UInt8](repeating: 7, count: 5 << 20))
        let packet = [UInt8](repeating: 9, count: 3 << 20)
        file.enhanced(0, ticks: 1, packet)
        let offset = UInt64(file.bytes.count)
        file.append([9, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0])
        let path = scratch.file("large", file.bytes)
        let found = drain(try FileSource(path: path))
        #expect(found.packets.map(\.bytes) == [packet])
        #expect(
            found.error == .malformed(file: path, frames: 1, error: FormatError(.tooLong(2 << 24), at: offset)))
    }

    @Test("tells losses once, before the packet that tells them")
    func losses() throws {
        var file = PcapngBuilder()
        file.section()
        file.interface(1)
        file.enhanced(0, ticks: 1, [1], options: file.option(4, file.u64(3)))
        file.enhanced(0, ticks: 2, [2])
        file.statistics(0, received: 9, dropped: 5)
        let scratch = Scratch()
        let source = try FileSource(path: scratch.file("losses", file.bytes))
        var story: [String] = []
        while let item = try source.next() {
            switch item {
            case .frame(let frame): story.append("frame \(frame.number)")
            case .dropped(let count): story.append("lost \(count)")
            case .quiet: story.append("quiet")
            }
        }
        #expect(story == ["lost 3", "frame 1", "frame 2", "lost 2"])
        #expect(source.interfaces.map(\.dropped) == [5])
    }

    @Test("tells how much of the file it has read")
    func progress() throws {
        guard let path = Shared.path(sample), let size = Shared.bytes(path)?.count else { return }
        let source = try FileSource(path: path)
        _ = drain(source)
        #expect(source.progress == CaptureProgress(read: UInt64(size), total: UInt64(size)))
    }
}
