import Foundation
import TestSupport
import Testing

@Suite("What the command reads")
struct InputTests {
    let scratch = Scratch()

    /// What must go wrong: exit status and a part of the one line.
    private func expectComplaint(
        _ status: Int32, _ part: String, _ arguments: String..., at place: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Tool.run(arguments)
        #expect(result.status == status, sourceLocation: place)
        #expect(result.isOneComplaint, "\(result.complaints)", sourceLocation: place)
        #expect(result.complaints.contains(part), "\(result.complaints)", sourceLocation: place)
        #expect(result.output == "", sourceLocation: place)
    }

    @Test("an input that is no capture is named, with its own status")
    func noCapture() throws {
        try expectComplaint(66, "nothing.pcap: no such file", "debug", scratch.path + "/nothing.pcap")
        try expectComplaint(66, "is a directory", "debug", scratch.path)
        try expectComplaint(65, "the file is empty", "debug", scratch.file("empty"))
        try expectComplaint(65, "not a capture", "debug", scratch.file("text", "hello, this is a letter\n"))
        try expectComplaint(65, "standard input: the file is empty", "debug", "-")
        try expectComplaint(66, "no such interface", "debug", "-i", "nowhere0")
    }

    @Test("control characters of a file's name stay out of the terminal")
    func escapedName() throws {
        try expectComplaint(66, "x\\x1b[31m\\x0ay: no such file", "debug", "x\u{1b}[31m\ny")
    }

    @Test("a capture cut in a record reports all frames before the cut, then complains in one line")
    func cut() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let kept = 15
        let whole = scratch.file("whole", capture.file(0..<kept))
        let cut = scratch.file("cut", capture.file(0...kept).dropLast(7))
        let expected = try Tool.run(["debug", whole])
        let result = try Tool.run(["debug", cut])
        #expect(expected.status == 0)
        #expect(expected.output.contains("frame 11 "))
        #expect(result.output == expected.output)
        #expect(result.status == 65)
        #expect(result.isOneComplaint)
        #expect(result.complaints.contains("cut short after frame \(kept)"), "\(result.complaints)")
    }

    @Test("standard input, gzip and a pipe of either give what the file gives")
    func sameBytes() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let plain = scratch.file("plain.pcap", capture.whole)
        let expected = try Tool.run(["debug", plain]).output
        #expect(expected.contains("Old State"))
        #expect(try Tool.run(["debug", "-"], input: capture.whole).output == expected)
        let zipped = try Tool.shell(#"gzip -k "$2" && "$1" debug "$2.gz""#, [plain])
        #expect(zipped.output == expected)
        #expect(try Tool.shell(#""$1" debug - < "$2.gz""#, [plain]).output == expected)
        #expect(try Tool.shell(#"cat "$2.gz" | "$1" debug -"#, [plain]).output == expected)
    }

    @Test("several files are merged in the order of time")
    func merged() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let parts = (0..<3).map { part in
            scratch.file("part\(part)", capture.file(capture.records.indices.filter { $0 % 3 == part }))
        }
        let expected = try Tool.run(["debug", scratch.file("whole", capture.whole)]).output
        #expect(try Tool.run(["debug"] + parts.reversed()).output == expected)
        let piped = try Tool.shell(#"cat "$2" | "$1" debug - "$3" "$4""#, parts)
        #expect(piped.output == expected)
    }

    @Test("a file that grows is followed until Ctrl-C, line by line")
    func follow() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let whole = try Tool.run(["debug", scratch.file("whole", capture.whole)]).output
        let path = scratch.file("growing", capture.file(0..<4).dropLast(20))
        let tool = try RunningTool(["debug", "--follow", path])
        #expect(tool.waits { $0.output.contains("! frame 3 ") })
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(capture.whole[(capture.file(0..<4).count - 20)...]))
        try handle.close()
        #expect(tool.waits { $0.output.contains("! frame 32 ") })
        #expect(!tool.output.contains("packets, not decrypted"))
        #expect(tool.isRunning)
        tool.send(SIGINT)
        let result = tool.end()
        #expect(result.status == 0)
        #expect(result.output == whole)
        #expect(result.complaints == "")
    }

    @Test("an interface that may not be captured on says what to grant")
    func notPermitted() throws {
        // Where nobody else can reach the build, a copy of the program does as well.
        let copy = scratch.path + "/ikescope"
        // By cp: a descriptor of ours would be inherited by what other tests start, and keep the file busy.
        try ChildProcess.run(["cp", Tool.path, copy])
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path)
        let result: Tool.Result
        if geteuid() == 0 {
            let setpriv = ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", copy]
            guard FileManager.default.fileExists(atPath: "/usr/bin/setpriv") else { return skip("no setpriv") }
            result = try Tool.run(setpriv + ["debug", "-i", "lo"], tool: "/usr/bin/setpriv")
        } else {
            result = try Tool.run(["debug", "-i", "lo"], tool: copy)
        }
        #expect(result.status == 77)
        #expect(result.isOneComplaint)
        #expect(result.complaints.contains("setcap cap_net_raw"), "\(result.complaints)")
    }
}
