import Foundation
import TestSupport
import Testing

@Suite("How much the command reads, and when it ends")
struct ExtentTests {
    let scratch = Scratch()

    @Test("-c ends after so many frames, as if the file ended there", arguments: [1, 5, 20, 10_000])
    func count(frames: Int) throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let whole = scratch.file("whole", capture.whole)
        let expected = scratch.file("first", capture.file(0..<min(frames, capture.records.count)))
        let result = try Tool.run(["debug", "-c", "\(frames)", whole])
        #expect(result.status == 0 && result.complaints == "")
        #expect(try result.output == Tool.run(["debug", expected]).output)
    }

    @Test("-c counts frames that pass the filter, as tcpdump does")
    func countBehindFilter() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let ike = capture.records.indices.filter(capture.isIKE)
        #expect(ike[3] > 3, "frames before it that are no IKE")
        let result = try Tool.run(["debug", "-f", "udp port 500", "-c", "4", scratch.file("whole", capture.whole)])
        let expected = scratch.file("first", capture.file(0...ike[3]))
        #expect(try result.output == Tool.run(["debug", "-f", "udp port 500", expected]).output)
        #expect(result.output.contains("! frame \(ike[3] + 1) "))
        #expect(!result.output.contains("! frame \(ike[4] + 1) "))
    }

    @Test("--duration goes by the frames' times in a file", arguments: [0.001, 0.03, 1, 4, 100])
    func duration(seconds: Double) throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let wanted = capture.records.indices.filter {
            Double(capture.time($0) - capture.time(0)) < seconds * 1_000_000
        }
        let result = try Tool.run(["debug", "--duration", "\(seconds)", scratch.file("whole", capture.whole)])
        #expect(result.status == 0 && result.complaints == "")
        #expect(try result.output == Tool.run(["debug", scratch.file("first", capture.file(wanted))]).output)
    }

    @Test("--duration goes by the clock where frames are awaited")
    func followedDuration() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let whole = scratch.file("whole", capture.whole)
        let began = Date()
        let result = try Tool.run(["debug", "--follow", "--duration", "0.8", whole])
        let taken = Date().timeIntervalSince(began)
        #expect(result.status == 0)
        #expect((0.8..<5).contains(taken))
        #expect(try result.output == Tool.run(["debug", whole]).output)
    }

    @Test("Ctrl-C and SIGTERM end a run with all it has to say", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let tool = try RunningTool(["debug", "-"], hasInput: true)
        tool.write(capture.whole)
        #expect(tool.waits { $0.output.contains("! frame 32 ") })
        #expect(tool.isRunning)
        tool.send(signal)
        let result = tool.end()
        #expect(result.status == 0 && result.complaints == "")
        #expect(try result.output == Tool.run(["debug", scratch.file("whole", capture.whole)]).output)
    }

    @Test("Ctrl-C before anything could be read ends quietly")
    func interruptedEarly() throws {
        let pipe = scratch.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for arguments in [["debug", "-"], ["debug", pipe]] {
            let tool = try RunningTool(arguments, hasInput: true)
            #expect(tool.waits { $0.isWaiting })
            tool.send(SIGINT)
            let result = tool.end()
            #expect(result.status == 0 && result.output == "" && result.complaints == "", "\(arguments)")
        }
    }

    @Test("Ctrl-C in a large file ends at the next frame, also behind a filter that lets nothing through")
    func interruptedInFile() throws {
        let path = try sparseCapture(gigabytes: 24)
        for filter in [[], ["-f", "udp port 500"]] {
            let tool = try RunningTool(["debug", path] + filter)
            // Once the file is being read, signals are watched.
            #expect(tool.waits { $0.position(of: path) > 0 })
            let began = Date()
            tool.send(SIGINT)
            let result = tool.end()
            #expect(result.status == 0, "\(filter)")
            #expect(Date().timeIntervalSince(began) < 1, "\(filter)")
        }
    }

    @Test("a second Ctrl-C ends at once")
    func interruptedTwice() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        // Nobody reads the output, so that the end-of-capture lines cannot go out.
        let files = Array(repeating: scratch.file("whole", capture.whole), count: 40)
        let script = """
            tool="$1"; shift; "$tool" debug "$@" > >(sleep 3) & sleep 1.5
            kill -INT $!; sleep 0.3; kill -INT $!; wait $!; echo "status $?"
            """
        let result = try Tool.shell(script, files)
        #expect(result.output.hasSuffix("status 130\n"), "\(result.output.suffix(40)) \(result.complaints)")
    }

    /// A capture of huge frames of zeros, most of which need no room on the disk.
    private func sparseCapture(gigabytes: Int) throws -> String {
        let path = scratch.file("sparse.pcap")
        let handle = try #require(FileHandle(forWritingAtPath: path))
        func words(_ values: [UInt32]) -> Data { values.withUnsafeBytes { Data($0) } }
        try handle.write(contentsOf: words([0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 16 << 20, 1]))
        let length: UInt32 = 15 << 20
        for record in 0..<(gigabytes << 30 / Int(length)) {
            try handle.seek(toOffset: UInt64(24 + record * (16 + Int(length))))
            try handle.write(contentsOf: words([UInt32(record), 0, length, length]))
        }
        try handle.truncate(atOffset: handle.offset() + UInt64(length))
        try handle.close()
        return path
    }
}

extension RunningTool {
    /// Whether the program watches SIGINT and sleeps.
    var isWaiting: Bool {
        let status = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        let fields = status.split(separator: "\n").map { $0.split(separator: "\t") }
        func field(_ name: String) -> Substring { fields.first { $0.first == name + ":" }?.last ?? "" }
        let caught = UInt64(field("SigCgt"), radix: 16) ?? 0
        return caught & 1 << UInt64(SIGINT - 1) != 0 && field("State").hasPrefix("S")
    }

    /// How far the program has read the file at `path`; 0 while it has not opened it.
    func position(of path: String) -> Int {
        let folder = "/proc/\(processID)"
        for descriptor in (try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd")) ?? [] {
            guard (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/fd/" + descriptor)) == path,
                let text = try? String(contentsOfFile: folder + "/fdinfo/" + descriptor, encoding: .utf8),
                let line = text.split(separator: "\n").first, let position = line.split(separator: "\t").last
            else { continue }
            return Int(position) ?? 0
        }
        return 0
    }
}
