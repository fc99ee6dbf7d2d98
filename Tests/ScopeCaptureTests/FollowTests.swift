import Foundation
import ScopeCapture
import ScopeWire
import TestSupport
import Testing

@Suite("A source that waits") struct FollowTests {
    private let sample = "captures/lab/13a-peer-silent/capture.pcap"

    @Test("follows a file that grows by half records, and tells that nothing came")
    func growing() throws {
        guard let path = Shared.path(sample), let whole = Shared.bytes(path) else { return }
        let scratch = Scratch()
        let growing = scratch.file("growing")
        let stop = StopFlag()
        let writer = Thread {
            for start in stride(from: 0, to: whole.count, by: 301) {
                usleep(30_000)
                guard let handle = FileHandle(forWritingAtPath: growing) else { return }
                handle.seekToEndOfFile()
                handle.write(Data(whole[start..<min(start + 301, whole.count)]))
                handle.closeFile()
            }
            usleep(250_000)
            stop.raise()
        }
        writer.start()
        let source = try Captures.open(paths: [growing], follow: true, stop: stop)
        var quiet: [Instant] = []
        var frames: [Frame] = []
        while let item = try source.next() {
            switch item {
            case .frame(let frame): frames.append(frame)
            case .quiet(let time): quiet.append(time)
            case .dropped: Issue.record("nothing was lost")
            }
        }
        #expect(frames.count == libpcapPackets(path)?.packets.count)
        #expect(quiet.count >= 3)
        #expect(quiet == quiet.sorted())
        #expect(abs(try #require(quiet.last).nanoseconds - Int64(Date().timeIntervalSince1970 * 1e9)) < 5_000_000_000)
    }

    @Test("reads a pipe to its end, and leaves one that says nothing when it is told to")
    func pipes() throws {
        guard let path = Shared.path(sample) else { return }
        let scratch = Scratch()
        let fifo = scratch.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let stop = StopFlag()
        let writer = Thread {
            _ = run("sh", ["-c", "{ head -c 500 '\(path)'; sleep 0.3; tail -c +501 '\(path)'; } > '\(fifo)'"])
        }
        writer.start()
        #expect(drain(try Captures.open(paths: [fifo], stop: stop)).packets == libpcapPackets(path)?.packets)

        let silent = Thread {
            let descriptor = open(fifo, O_WRONLY)
            usleep(200_000)
            stop.raise()
            usleep(800_000)
            close(descriptor)
        }
        silent.start()
        let began = Date()
        do throws(CaptureError) {
            #expect(drain(try Captures.open(paths: [fifo], stop: stop)).frames.isEmpty)
        } catch {
            Issue.record("\(error)")
        }
        #expect(Date().timeIntervalSince(began) < 0.8)
    }
}
