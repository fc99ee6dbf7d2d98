import Foundation
import TestSupport
import Testing

@Suite("Where the command writes")
struct OutputTests {
    let scratch = Scratch()

    @Test("-o writes what standard output would have got")
    func file() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let target = scratch.file("out.txt", "older, and much longer".utf8 + [UInt8](repeating: 65, count: 100_000))
        let result = try Tool.run(["debug", path, "-o", target])
        #expect(result.status == 0)
        #expect(result.output == "" && result.complaints == "")
        #expect(try String(contentsOfFile: target, encoding: .utf8) == Tool.run(["debug", path]).output)
        #expect(try Tool.run(["debug", path, "-o", "-"]).output == Tool.run(["debug", path]).output)
    }

    @Test("an output that is also read is refused and left alone")
    func overlap() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let path = scratch.file("capture.pcap", capture.whole)
        let link = scratch.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        let results = [
            try Tool.run(["debug", path, "-o", path]), try Tool.run(["debug", path, "-o", link]),
            try Tool.shell(#""$1" debug "$2" >> "$2""#, [path]),
            try Tool.shell(#""$1" debug - -o "$2" < "$2""#, [path]),
        ]
        for result in results {
            #expect(result.status == 64)
            #expect(result.isOneComplaint)
        }
        #expect(Shared.bytes(path) == capture.whole)
    }

    @Test("a wrong input costs no older output")
    func kept() throws {
        let target = scratch.file("out.txt", "older")
        #expect(try Tool.run(["debug", scratch.path + "/absent", "-o", target]).status == 66)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "older")
    }

    @Test("a thread of its own writes the same bytes, and tells when it cannot", arguments: ["debug", "packets"])
    func threads(command: String) throws {
        for name in ["08a-rekey", "73-esp-health", "06a-xauth-psk-modecfg"] {
            guard let path = Shared.path("captures/lab/\(name)/capture.pcap") else { return }
            let one = try Tool.run([command, "--jobs", "1", path])
            let two = try Tool.run([command, "--jobs", "2", path])
            #expect(one.status == 0 && !one.output.isEmpty)
            #expect(one.output == two.output && one.complaints == two.complaints)
            let full = try Tool.shell(#""$1" "$2" --jobs 2 "$3" > /dev/full"#, [command, path])
            #expect(full.status == 74 && full.isOneComplaint)
        }
    }

    @Test("a full disk is one line, and 74")
    func full() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        let results = [
            try Tool.shell(#""$1" debug "$2" > /dev/full"#, [path]), try Tool.run(["debug", path, "-o", "/dev/full"]),
            try Tool.run(["debug", path, "-o", scratch.path + "/no/such/folder"]),
            try Tool.shell(#""$1" debug "$2" >&-"#, [path]),
        ]
        for result in results {
            #expect(result.status == 74)
            #expect(result.isOneComplaint, "\(result.complaints)")
        }
        #expect(results[0].complaints.contains("No space left on device"))
    }

    @Test("a reader that has enough ends the run quietly")
    func closedPipe() throws {
        guard let path = Shared.path("captures/lab/51a-raw-esp-main/capture.pcap") else { return }
        // Merged with itself so often that it fills every pipe.
        let files = Array(repeating: path, count: 40)
        let script = #"tool="$1"; shift; "$tool" debug "$@" | head -1; echo "status ${PIPESTATUS[0]}""#
        let result = try Tool.shell(script, files)
        #expect(result.output.hasPrefix("! frame "))
        #expect(result.output.hasSuffix("\nstatus 0\n"))
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(result.complaints == "")
    }

    @Test("on a terminal, and from a pipe, each frame's lines come with the frame")
    func promptness() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        let tool = try RunningTool(["debug", "-"], hasInput: true)
        tool.write(capture.file(0..<3))
        #expect(tool.waits { $0.output.contains("frame 3 ") })
        tool.write(capture.records[3])
        #expect(tool.waits { $0.output.contains("frame 4 ") })
        tool.endInput()
        #expect(tool.end().status == 0)
    }

    @Test("a bar shows how far a large file is read, and goes away; never without a terminal or with -q")
    func progress() throws {
        guard let capture = PcapFile(lab: "51a-raw-esp-main") else { return }
        guard FileManager.default.fileExists(atPath: "/usr/bin/script") else { return skip("no script(1)") }
        let large = scratch.file("large.pcap", LargeCapture.bytes(of: capture, megabytes: 72))
        // A filter that lets all through costs time enough to draw in.
        func errors(_ redirect: String, _ options: String = "") throws -> String {
            try Tool.shell(
                #"script -qec "'$1' debug '$2' -f 'not port 1' \#(options) \#(redirect)" /dev/null"#, [large]
            ).output
        }
        let bar = try errors("> \(scratch.path)/out.txt")
        #expect(bar.contains("% of ") && bar.contains(" MB/s"))
        #expect(bar.hasSuffix("\r\u{1b}[K"), "\(bar.suffix(40))")
        #expect(try errors("> \(scratch.path)/out.txt", "-q") == "")
        #expect(try !errors("").contains(" MB/s"))
        #expect(try Tool.run(["debug", large, "-o", scratch.path + "/out.txt"]).complaints == "")
    }
}

/// A file with one negotiation and then the same ESP packet over and over.
enum LargeCapture {
    static func bytes(of capture: PcapFile, megabytes: Int) -> [UInt8] {
        let esp = capture.records.indices.filter { capture.isIPsec($0) && !capture.isIKE($0) }
        guard let longest = esp.max(by: { capture.records[$0].count < capture.records[$1].count }) else { return [] }
        var bytes = capture.file(0...longest)
        let record = capture.records[longest]
        bytes.reserveCapacity((megabytes + 1) << 20)
        while bytes.count < megabytes << 20 { bytes += record }
        return bytes
    }
}
