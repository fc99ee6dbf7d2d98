import Foundation
import Glibc
import TestSupport
import Testing

@Suite("What a run may do once everything is open", .serialized)
struct SandboxTests {
    let scratch = Scratch()
    private let capture = Shared.root + "/captures/main-mode/raw-esp.pcap"
    private let keys = Shared.root + "/captures/main-mode/raw-esp.keys.json"

    /// The processes of a run: the one that was started, and its worker.
    private static func processes(_ tool: RunningTool) throws -> [Int32] {
        let children = try Tool.run(["--ppid", "\(tool.processID)", "-o", "pid="], tool: "/usr/bin/ps").output
        return [tool.processID] + children.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    }

    /// Fields of /proc/PID/status, without blanks around them.
    private static func status(_ process: Int32) throws -> [String: String] {
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return fields
    }

    private static func check(_ process: Int32, user: Int, group: Int) throws {
        let fields = try status(process)
        #expect(fields["Uid"] == Array(repeating: "\(user)", count: 4).joined(separator: "\t"))
        #expect(fields["Gid"] == Array(repeating: "\(group)", count: 4).joined(separator: "\t"))
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(fields[set] == "0000000000000000", "\(set)") }
        #expect(fields["NoNewPrivs"] == "1")
        #expect(fields["Seccomp"] == "2")
    }

    @Test("a live run as root belongs to the user who called sudo, and to no privilege, in each of its processes")
    func live() throws {
        guard getuid() == 0 else { return skip("this needs root") }
        let file = try #require(PcapFile(capture))
        let target = scratch.path + "/out.txt"
        chown(scratch.path, 65534, 65534)
        let keys = keys
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(
                ["debug", "-i", "tap1", "--keys", keys, "-o", target],
                environment: ["SUDO_UID": "65534", "SUDO_GID": "65534"])
            #expect(tool.waits { $0.complaints.contains("listening on tap1") })
            #expect(tool.waits { (try? Self.processes($0).count) == 2 })
            usleep(300_000)
            for process in try Self.processes(tool) { try Self.check(process, user: 65534, group: 65534) }
            for record in file.records.indices { #expect(sender.send(file.data(record))) }
            usleep(500_000)
            tool.send(SIGINT)
            let result = tool.end()
            #expect(result.status == 0, "\(result.complaints)")
        }
        let text = try String(contentsOfFile: target, encoding: .utf8)
        #expect(text.contains("9 packets, all verified with psk[0]"))
        let attributes = try FileManager.default.attributesOfItem(atPath: target)
        #expect(attributes[.ownerAccountID] as? Int == 65534)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("after the handle is open, no call needs a privilege or is refused one")
    func traced() throws {
        guard getuid() == 0 else { return skip("this needs root") }
        guard access("/usr/bin/strace", X_OK) == 0 else { return skip("there is no strace") }
        let file = try #require(PcapFile(capture))
        let trace = scratch.path + "/trace"
        let keys = keys
        try NetworkNamespace.run {
            let sender = try #require(FrameSender(interface: "tap0"))
            let tool = try RunningTool(
                ["-f", "-o", trace, Tool.path, "debug", "-i", "tap1", "-Z", "nobody", "--keys", keys],
                tool: "/usr/bin/strace")
            #expect(tool.waits { $0.complaints.contains("listening on tap1") })
            usleep(1_000_000)
            for record in file.records.indices { #expect(sender.send(file.data(record))) }
            // Frames of the interface count without those that its filter refuses.
            #expect(tool.waits { $0.output.contains("! frame 9 ") })
            for process in try Self.processes(tool).dropFirst() { kill(process, SIGINT) }
            #expect(tool.end().status == 0)
        }
        let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        let shut = try #require(calls.firstIndex { $0.contains("seccomp(SECCOMP_SET_MODE_FILTER") })
        let became = try #require(calls.firstIndex { $0.contains("setuid(") })
        #expect(became < shut)
        // Refused would be what is forbidden to a user, or here.
        for call in calls[shut...] {
            #expect(!call.contains("EPERM") && !call.contains("EACCES"), "\(call)")
            #expect(!call.contains("socket(") && !call.contains("execve("), "\(call)")
        }
        #expect(!calls[shut...].contains { $0.contains("SIGSYS") })
    }

    @Test("a run on files, also as root, is shut in, with any number of threads", arguments: ["1", "4"])
    func files(jobs: String) throws {
        let file = scratch.file("growing.pcap", try #require(Shared.bytes(capture)))
        let tool = try RunningTool(["packets", "--follow", file, "--keys", keys, "--jobs", jobs])
        #expect(tool.waits { $0.output.contains("#12 ") })
        let all = try Self.processes(tool)
        #expect(all.count == 2)
        for process in all { try Self.check(process, user: Int(getuid()), group: Int(getgid())) }
        // Also with what comes later.
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(try #require(PcapFile(capture)).records[11]))
        #expect(tool.waits { $0.output.split(separator: "\n").last?.contains("duplicate") == true }, "\(tool.output)")
        tool.send(SIGTERM)
        #expect(tool.end().status == 0)
    }

    @Test("--no-sandbox leaves the sandbox out, and says so to root; -Z is for root and a user that there is")
    func options() throws {
        let file = scratch.file("growing.pcap", try #require(Shared.bytes(capture)))
        let tool = try RunningTool(["packets", "--follow", file, "--no-sandbox"])
        #expect(tool.waits { $0.output.contains("#12 ") })
        for process in try Self.processes(tool) {
            let fields = try Self.status(process)
            #expect(fields["NoNewPrivs"] == "1" && fields["Seccomp"] == "0")
            #expect(fields["CapEff"] == "0000000000000000")
        }
        tool.send(SIGTERM)
        let result = tool.end()
        #expect(result.complaints.contains("--no-sandbox") == (getuid() == 0))
        let unknown = try Tool.run(["packets", file, "-Z", "no-such-user"])
        #expect(unknown.status == 64 && unknown.isOneComplaint)
        if getuid() == 0 {
            let run = try Tool.run(["packets", file, "-Z", "nobody"])
            let plain = try Tool.run(["packets", file])
            #expect(run.status == 0 && run.output == plain.output)
        }
    }

    @Test("every command gives the same inside and outside")
    func same() throws {
        let words = scratch.file("words.txt", "one\nCisco\n")
        for arguments in [
            ["debug", capture, "--keys", keys], ["debug", capture, "--psk-list", words],
            ["diagnose", "--tap", "a=\(capture)", "--tap", "b=\(capture)", "--keys", keys],
            ["show", "ipsec-sa", capture, "--keys", keys, "--jobs", "3"],
            ["decrypt", capture, capture, "--keys", keys, "-w", "-"], ["keys", "check", keys, capture],
            ["keys", "export", capture, "--keys", keys, "--to", "json"], ["packets", capture, "-f", "port isakmp"],
        ] {
            let inside = try Tool.run(arguments)
            let outside = try Tool.run(arguments + ["--no-sandbox"])
            #expect(inside.status == outside.status && inside.output == outside.output, "\(arguments)")
            #expect(!inside.output.isEmpty)
        }
    }

    @Test("what is loaded with keys leaves no core")
    func noCore() throws {
        let file = scratch.file("growing.pcap", try #require(Shared.bytes(capture)))
        let tool = try RunningTool(["packets", "--follow", file, "--keys", keys])
        #expect(tool.waits { $0.output.contains("#12 ") })
        for process in try Self.processes(tool) {
            let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(whereSeparator: \.isWhitespace).suffix(3).first == "0")
        }
        tool.send(SIGTERM)
        _ = tool.end()
    }
}
