import Foundation
import TestSupport
import Testing

@Suite("What a run does to files")
struct FileSafetyTests {
    let scratch = Scratch()
    private let capture = Shared.root + "/captures/main-mode/raw-esp.pcap"
    private let keys = Shared.root + "/captures/main-mode/raw-esp.keys.json"

    private func mode(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
    }

    private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    /// A disk of 64 KiB, while `body` runs; where none can be made, a visible line says so.
    private func onSmallDisk(_ body: (String) throws -> Void) throws {
        let disk = scratch.path + "/disk"
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        let mounted = try Tool.run(
            ["-t", "tmpfs", "-o", "size=64k,mode=755", "ikescope-test", disk], tool: "/usr/bin/mount")
        guard mounted.status == 0 else { return skip("a small disk cannot be mounted: \(mounted.complaints)") }
        defer { _ = try? Tool.run([disk], tool: "/usr/bin/umount") }
        try body(disk)
    }

    private func fill(_ disk: String, leaving bytes: Int) throws {
        _ = try Tool.shell(
            #"head -c $(( $(stat -f -c '%a * %S' "$2") - $3 )) /dev/zero > "$2/filler""#, [disk, "\(bytes)"])
    }

    @Test("on a full disk, what stood in a file that the shell appends to stays", arguments: ["1", "2"])
    func appended(jobs: String) throws {
        try onSmallDisk { disk in
            let log = disk + "/log"
            let before = String(repeating: "an older line\n", count: 1000)
            try before.write(toFile: log, atomically: false, encoding: .utf8)
            for (redirect, more) in [(#">> "$3""#, ""), (#"-o /dev/stdout >> "$3""#, "")] {
                try? FileManager.default.removeItem(atPath: disk + "/filler")
                try fill(disk, leaving: 4096)
                let result = try Tool.shell(
                    #""$1" debug "$2" "$2" "$2" -q --jobs \#(jobs) --keys "\#(keys)" \#(redirect)\#(more)"#,
                    [capture, log])
                #expect(result.status == 74 && result.isOneComplaint, "\(result.complaints)")
                #expect(text(log)?.hasPrefix(before) == true)
            }
        }
    }

    @Test("a file that was opened here ends with a whole line")
    func cut() throws {
        try onSmallDisk { disk in
            try fill(disk, leaving: 8192)
            let result = try Tool.run(["debug", capture, "-q", "--keys", keys, "-o", disk + "/out"])
            #expect(result.status == 74 && result.isOneComplaint)
            let written = try #require(text(disk + "/out"))
            #expect(written.hasSuffix("\n"))
            #expect(try Tool.run(["debug", capture, "-q", "--keys", keys]).output.hasPrefix(written))
        }
    }

    @Test("a file is private when keys are given, also an older one; else the umask decides")
    func modes() throws {
        for (umask, open) in [("022", 0o644), ("027", 0o640)] {
            let (a, b, c) = (scratch.path + "/a\(umask)", scratch.path + "/b\(umask)", scratch.path + "/c\(umask)")
            let script = """
                umask \(umask); t="$1"; "$t" debug "$2" -o "$4" && "$t" debug "$2" --keys "$3" -o "$5" \
                && "$t" decrypt "$2" --keys "$3" -q -w "$6"
                """
            #expect(try Tool.shell(script, [capture, keys, a, b, c]).status == 0)
            #expect(mode(a) == open)
            #expect(mode(b) == 0o600)
            #expect(mode(c) == 0o600)
        }
        let older = scratch.file("older", "older")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: older)
        #expect(try Tool.run(["debug", capture, "--keys", keys, "-o", older]).status == 0)
        #expect(mode(older) == 0o600)
        #expect(text(older) == (try Tool.run(["debug", capture, "--keys", keys]).output))
    }

    @Test("exported keys appear whole, for their owner alone, over nothing and through no link")
    func exported() throws {
        func export(_ target: String, _ more: [String] = []) throws -> Tool.Result {
            try Tool.run(["keys", "export", capture, "--keys", keys, "--to", "json", "-q", "-o", target] + more)
        }
        let target = scratch.path + "/keys.json"
        #expect(try export(target).status == 0)
        #expect(mode(target) == 0o600)
        let whole = text(target)
        #expect(whole?.contains("ikescope.keys/1") == true)

        let older = scratch.file("older", "older")
        let refused = try export(older)
        #expect(refused.status == 64 && refused.isOneComplaint && refused.complaints.contains("--force"))
        #expect(text(older) == "older")

        let link = scratch.path + "/link"
        for destination in [older, scratch.path + "/nowhere"] {
            try? FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: destination)
            #expect(try export(link).status == 64)
            #expect(try export(link, ["--force"]).status == 0)
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == nil)
            #expect(text(link) == whole)
        }
        #expect(text(older) == "older")
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/nowhere"))
        #expect(try export(older, ["--force"]).status == 0)
        #expect(text(older) == whole)

        // A device is not replaced, nor is what is read.
        #expect(try export("/dev/null", ["--force"]).status == 64)
        #expect(FileManager.default.fileExists(atPath: "/dev/null"))
        let own = scratch.file("own.json", Array(FileManager.default.contents(atPath: keys) ?? Data()))
        let result = try Tool.run(
            ["keys", "export", capture, "--keys", own, "--to", "json", "-q", "-o", own, "--force"])
        #expect(result.status == 64 && text(own) == text(keys))
        #expect(hidden(scratch.path).isEmpty)
    }

    private func hidden(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasPrefix(".") }
    }

    @Test("an older export survives when there is nothing to export, or no room, or no right to write")
    func survives() throws {
        let none = scratch.file("none.json", #"{"schema":"ikescope.keys/1"}"#)
        let older = scratch.file("older", "older")
        let nothing = try Tool.run(
            ["keys", "export", capture, "--keys", none, "--to", "xfrm", "-q", "-o", older, "--force"])
        #expect(nothing.status == 65 && nothing.isOneComplaint)
        #expect(text(older) == "older")
        try onSmallDisk { disk in
            let older = disk + "/older"
            try "older".write(toFile: older, atomically: false, encoding: .utf8)
            try fill(disk, leaving: 0)
            for form in ["json", "xfrm"] {
                let full = try Tool.run(
                    ["keys", "export", capture, "--keys", keys, "--to", form, "-q", "-o", older, "--force"])
                #expect(full.status == 74 && full.isOneComplaint, "\(full.complaints)")
                #expect(text(older) == "older")
                #expect(hidden(disk).isEmpty)
            }
            _ = try Tool.run(["-o", "remount,ro", disk], tool: "/usr/bin/mount")
            let closed = try Tool.run(
                ["keys", "export", capture, "--keys", keys, "--to", "json", "-q", "-o", older, "--force"])
            #expect(closed.status == 74 && closed.isOneComplaint, "\(closed.complaints)")
            #expect(text(older) == "older")
            for arguments in [
                ["debug", capture, "-o", disk + "/new"],
                ["decrypt", capture, "-q", "--keys", keys, "-w", disk + "/new"],
            ] {
                let result = try Tool.run(arguments)
                #expect(result.status == 74 && result.isOneComplaint, "\(result.complaints)")
            }
        }
    }

    @Test("tables for Wireshark go into a folder, and not through a link in place of it")
    func tables() throws {
        func export(_ target: String) throws -> Tool.Result {
            try Tool.run(["keys", "export", capture, "--keys", keys, "--to", "wireshark", "-q", "-o", target])
        }
        let folder = scratch.path + "/profile"
        #expect(try export(folder).status == 0)
        #expect(mode(folder) == 0o700 && mode(folder + "/esp_sa") == 0o600)
        let link = scratch.path + "/link"
        let other = scratch.path + "/other"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: other)
        #expect(try export(link).status == 64)
        // One table that is there already keeps all of them out.
        _ = FileManager.default.createFile(atPath: other + "/esp_sa", contents: Data("mine".utf8))
        #expect(try export(other).status == 64)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["esp_sa"])
        #expect(text(other + "/esp_sa") == "mine")
    }

    @Test("a reader that has enough ends each command quietly", arguments: ["debug", "packets", "decrypt"])
    func closedPipe(command: String) throws {
        let files = Array(repeating: capture, count: 60)
        let more = command == "decrypt" ? "-q --keys '\(keys)' -w -" : ""
        let script = #"t="$1"; shift; "$t" \#(command) \#(more) "$@" | head -c 10 > /dev/null; echo "${PIPESTATUS[0]}""#
        let result = try Tool.shell(script, files)
        #expect(result.output == "0\n")
        #expect(result.complaints == "")
    }
}
