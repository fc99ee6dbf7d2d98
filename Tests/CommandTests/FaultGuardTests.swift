import Foundation
import Glibc
import TestSupport
import Testing

/// Faults are made on purpose, which debug builds allow.
@Suite("An internal fault does not cost the run")
struct FaultGuardTests {
    let scratch = Scratch()
    private let capture = Shared.root + "/captures/main-mode/raw-esp.pcap"
    private let keys = ["--keys", Shared.root + "/captures/main-mode/raw-esp.keys.json"]

    private func run(_ arguments: [String], trap: String, input: [UInt8]? = nil) throws -> Tool.Result {
        try Tool.run(arguments, input: input, environment: ["IKESCOPE_TRAP": trap])
    }

    /// Without what Swift says of a fault in a debug build.
    private func complaints(_ result: Tool.Result) -> [String] {
        result.complaintLines.filter { $0.hasPrefix("ikescope: ") }
    }

    private func faultLine(_ frame: Int, _ file: String) -> String {
        "ikescope: internal fault at frame \(frame) of \(file), left out; please report it with that frame"
    }

    /// The capture without some of its frames, whose numbers the others keep: a filter lets them through.
    private func without(_ frames: Set<Int>) throws -> String {
        let file = try #require(PcapFile(capture))
        // A frame of a link type that carries no IP says nothing.
        var result = file.file(0..<0)
        for (index, record) in file.records.enumerated() {
            var record = record
            if frames.contains(index + 1) { for at in 28..<30 { record[at] = 0xff } }
            result += record
        }
        return scratch.file("without-\(frames.sorted()).pcap", result)
    }

    @Test(
        "all but the frame is told, as if it had not been there",
        arguments: [[5], [1], [12], [30], [3, 9, 20]], ["debug", "packets", "diagnose", "show"])
    func leftOut(frames: [Int], command: String) throws {
        let trap = frames.map { "\($0)" }.joined(separator: ",")
        let words = command == "show" ? ["show", "ipsec-sa"] : [command]
        let expected = try Tool.run(words + [without(Set(frames))] + keys)
        for jobs in ["1", "2"] {
            let result = try run(words + [capture, "--jobs", jobs] + keys, trap: trap)
            #expect(result.output == expected.output)
            #expect(result.status == expected.status)
            #expect(complaints(result) == frames.map { faultLine($0, capture) })
        }
    }

    @Test("a file that is written, and a decrypted capture, are whole as well")
    func files() throws {
        let target = scratch.path + "/out.txt"
        let result = try run(["debug", capture, "-o", target] + keys, trap: "12,20")
        #expect(result.status == 0 && result.output == "")
        let expected = try Tool.run(["debug", without([12, 20])] + keys).output
        #expect(try String(contentsOfFile: target, encoding: .utf8) == expected)
        let (a, b) = (scratch.path + "/a", scratch.path + "/b")
        let decrypted = try run(["decrypt", capture, "-w", a] + keys, trap: "14")
        #expect(decrypted.status == 0)
        #expect(complaints(decrypted).last == "ikescope: 18 of 18 ESP packets decrypted and written")
        #expect(try Tool.run(["decrypt", without([14]), "-q", "-w", b] + keys).status == 0)
        #expect(Shared.bytes(a) == Shared.bytes(b))
    }

    @Test("what was written before the fault is not written again", arguments: ["1", "2"])
    func largeOutput(jobs: String) throws {
        // Merged with itself often enough that much is out before the fault.
        let many = Array(repeating: capture, count: 30)
        let expected = try Tool.run(["packets", "-v"] + Array(repeating: try without([30]), count: 30) + keys)
        let result = try run(["packets", "-v", "--jobs", jobs] + many + keys, trap: "30")
        // More faults than a run is worth, each at the same frame of another file.
        #expect(result.status == 70)
        #expect(complaints(result).count == 17)
        #expect(complaints(result).last?.contains("after 16 others") == true)
        #expect(expected.output.hasPrefix(result.output))
        let few = Array(repeating: capture, count: 10)
        let whole = try run(["packets", "-v", "--jobs", jobs] + few + keys, trap: "30")
        let wanted = try Tool.run(["packets", "-v"] + Array(repeating: try without([30]), count: 10) + keys)
        #expect(whole.status == 0)
        #expect(whole.output == wanted.output)
    }

    @Test("a fault at the end is traced to its frame")
    func end() throws {
        for jobs in ["1", "2"] {
            let result = try run(["diagnose", capture, "--jobs", jobs] + keys, trap: "after:7")
            #expect(
                complaints(result) == [
                    "ikescope: internal fault at the end, because of frame 7 of \(capture), left out; please report it with that frame"
                ])
            #expect(result.output == (try Tool.run(["diagnose", without([7])] + keys).output))
        }
        // One that comes whatever was read: what was analysed is told.
        let always = try run(["debug", capture] + keys, trap: "end")
        #expect(always.status == 70)
    }

    @Test("a fault between two frames ends the input there")
    func reading() throws {
        let result = try run(["debug", capture] + keys, trap: "behind:9")
        #expect(result.status == 0)
        #expect(
            complaints(result).last
                == "ikescope: internal fault behind it: nothing more is read there; please report it")
        #expect(result.output.contains("! frame 8 ") && !result.output.contains("! frame 10 "))
    }

    @Test("what cannot be read again is told up to the fault")
    func pipe() throws {
        let bytes = try #require(Shared.bytes(capture))
        let result = try run(["debug", "-"] + keys, trap: "9", input: bytes)
        #expect(result.status == 70)
        #expect(complaints(result).count == 1)
        #expect(complaints(result)[0].contains("at frame 9 of standard input, which cannot be read again"))
        let whole = try Tool.run(["debug", capture] + keys).output
        #expect(result.output.contains("! frame 8 ") && whole.hasPrefix(result.output))
        // A file in place of the pipe can.
        let again = try Tool.shell(
            #"IKESCOPE_TRAP=9 "$1" debug - --keys "$3" < "$2""#, [capture, keys[1]])
        #expect(again.status == 0)
        #expect(again.output == (try Tool.run(["debug", without([9])] + keys).output))
    }

    @Test("an interface is captured on, twice")
    func interface() throws {
        let file = try #require(PcapFile(capture))
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(["packets", "-i", "tap1"], environment: ["IKESCOPE_TRAP": "5,8"])
            #expect(tool.waits { $0.complaints.contains("listening on tap1") })
            let wanted = file.records.indices.filter(file.isIPsec)
            for (part, fault) in [(wanted[..<5], 5), (wanted[5..<8], 8)] {
                for record in part {
                    #expect(sender.send(file.data(record)))
                    usleep(50_000)
                }
                let line = "internal fault at frame \(fault) of tap1: the capture goes on"
                #expect(tool.waits { $0.complaints.contains(line) }, "\(tool.complaints)")
                usleep(700_000)
            }
            for record in wanted[8...] { #expect(sender.send(file.data(record))) }
            let last = wanted.count
            #expect(tool.waits { $0.output.contains("#\(last) ") }, "\(tool.output)")
            tool.send(SIGINT)
            let result = tool.end()
            #expect(result.status == 0)
            for number in 1...last {
                #expect(result.output.contains(" #\(number) ") == (number != 5 && number != 8), "\(number)")
            }
        }
    }

    @Test("signals reach the worker, the exit status comes from it, and no process stays")
    func processes() throws {
        let file = scratch.file("growing.pcap", try #require(Shared.bytes(capture)))
        for signal in [SIGINT, SIGTERM] {
            let tool = try RunningTool(["debug", "--follow", file] + keys)
            #expect(tool.waits { $0.output.contains("! frame 11 ") })
            let children = try Tool.run(["--ppid", "\(tool.processID)", "-o", "pid="], tool: "/usr/bin/ps").output
            let worker = try #require(Int32(children.trimmingCharacters(in: .whitespacesAndNewlines)))
            // As a terminal does it, both get it; the worker takes the one that is handed on.
            kill(worker, signal)
            tool.send(signal)
            let result = tool.end()
            #expect(result.status == 0)
            #expect(result.output.contains("! ESP 0xc70ced12"))
            #expect(kill(worker, 0) != 0)
        }
        // Who kills the one kills both.
        let tool = try RunningTool(["debug", "--follow", file] + keys)
        #expect(tool.waits { $0.output.contains("! frame 11 ") })
        let children = try Tool.run(["--ppid", "\(tool.processID)", "-o", "pid="], tool: "/usr/bin/ps").output
        let worker = try #require(Int32(children.trimmingCharacters(in: .whitespacesAndNewlines)))
        tool.send(SIGKILL)
        _ = tool.end()
        for _ in 0..<200 where kill(worker, 0) == 0 { usleep(10_000) }
        #expect(kill(worker, 0) != 0)
    }
}
