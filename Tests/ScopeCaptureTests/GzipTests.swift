import ScopeCapture
import TestSupport
import Testing

@Suite("A compressed file") struct GzipTests {
    private let sample = "captures/lab/02a-main-psk-aes256/raw-esp.pcapng"

    /// `bytes` as gzip writes them.
    private func gzip(_ bytes: some Sequence<UInt8>, in scratch: Scratch) throws -> [UInt8]? {
        let plain = scratch.file("plain", bytes)
        guard run("gzip", ["-kf", plain]) != nil else { return nil }
        return Shared.bytes(plain + ".gz")
    }

    @Test("reads like the plain one, also in several members and with something behind them")
    func members() throws {
        let scratch = Scratch()
        guard let path = Shared.path(sample), let whole = Shared.bytes(path) else { return }
        let expected = try #require(libpcapPackets(path)).packets
        guard let one = try gzip(whole, in: scratch), let left = try gzip(whole.prefix(777), in: scratch),
            let right = try gzip(whole.dropFirst(777), in: scratch)
        else { return }
        for (name, bytes) in [("one", one), ("two", left + right), ("padded", left + right + [0, 0, 0])] {
            let found = drain(try FileSource(path: scratch.file(name, bytes), blockLength: 512))
            #expect(found.packets == expected, "\(name)")
            #expect(found.error == nil, "\(name)")
        }
    }

    @Test("is reported as cut when it ends early, behind its whole packets")
    func truncation() throws {
        let scratch = Scratch()
        guard let path = Shared.path(sample), let whole = Shared.bytes(path) else { return }
        let expected = try #require(libpcapPackets(path)).packets
        guard let packed = try gzip(whole, in: scratch) else { return }
        for length in stride(from: 2, to: packed.count, by: 37) + [packed.count - 8, packed.count - 1] {
            let cut = scratch.file("cut", packed.prefix(length))
            do throws(CaptureError) {
                let found = drain(try FileSource(path: cut))
                #expect(found.packets == Array(expected.prefix(found.packets.count)))
                guard case .cut? = found.error else {
                    Issue.record("\(length): \(found.error as Any)")
                    continue
                }
            } catch {
                guard case .cut(cut, 0, 0, _) = error else {
                    Issue.record("\(length): \(error)")
                    continue
                }
            }
        }
    }

    @Test("is reported as damaged when its data are")
    func damage() throws {
        let scratch = Scratch()
        guard let path = Shared.path(sample), let whole = Shared.bytes(path),
            var packed = try gzip(whole, in: scratch)
        else { return }
        packed[packed.count - 6] ^= 0xff  // the checksum
        let found = drain(try FileSource(path: scratch.file("bad", packed)))
        #expect(found.packets == libpcapPackets(path)?.packets)
        guard case .damagedCompression? = found.error else {
            Issue.record("\(found.error as Any)")
            return
        }
        #expect(found.error?.exitStatus == 65)
    }
}
