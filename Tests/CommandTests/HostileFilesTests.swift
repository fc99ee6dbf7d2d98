import Foundation
import TestSupport
import Testing

@Suite("Hostile and malformed files, by every way in")
struct HostileFilesTests {
    /// Statuses that docs/guide.md names and a file can cause; 1: `diagnose` found an error.
    private static let statuses: Set<Int32> = [0, 1, 65]

    private static func check(_ result: Tool.Result, _ what: String) {
        #expect(statuses.contains(result.status), "\(what): status \(result.status), \(result.complaints)")
        #expect(result.status != 65 || !result.complaints.isEmpty, "\(what): says nothing of why")
        let isTold = result.complaintLines.allSatisfy { $0.hasPrefix("ikescope: ") }
        #expect(isTold, "\(what): \(result.complaints)")
    }

    @Test("as files and by standard input, each alone", arguments: HostileFiles.commands)
    func alone(command: String) throws {
        for file in HostileFiles.all {
            Self.check(try Tool.run(HostileFiles.words(command) + ["-q", file.path]), "\(command) \(file.name)")
        }
    }

    @Test("with keys of every kind, all together", arguments: HostileFiles.commands)
    func keys(command: String) throws {
        let paths = HostileFiles.all.map(\.path)
        Self.check(try Tool.run(HostileFiles.words(command) + ["-q"] + HostileFiles.keys + paths), command)
    }

    @Test(
        "by standard input as by name", arguments: ["packets -v -x", "debug --view both", "diagnose", "show session"])
    func input(command: String) throws {
        for file in HostileFiles.all {
            let bytes = try #require(Shared.bytes(file.path))
            let piped = try Tool.run(HostileFiles.words(command) + ["-q", "-"], input: bytes)
            let named = try Tool.run(HostileFiles.words(command) + ["-q", file.path])
            Self.check(piped, "\(command) - < \(file.name)")
            #expect(piped.output == named.output && piped.status == named.status, "\(command) \(file.name)")
        }
    }

    @Test("have nothing to export, and are two taps of themselves")
    func others() throws {
        for file in HostileFiles.all {
            for form in ["json", "xfrm"] {
                let export = ["keys", "export", "-q", "--to", form, file.path] + HostileFiles.keys
                Self.check(try Tool.run(export), "keys export --to \(form) \(file.name)")
            }
            let taps = ["diagnose", "-q", "--tap", "a=\(file.path)", "--tap", "b=\(file.path)"]
            Self.check(try Tool.run(taps), "diagnose --tap \(file.name)")
        }
    }

    @Test("have their flaw named")
    func named() throws {
        for file in HostileFiles.all {
            guard let flaw = HostileFiles.flaws[file.name] else {
                Issue.record("\(file.name): what is wrong with it stands nowhere")
                continue
            }
            let output = try Tool.run(HostileFiles.words(flaw.command) + [file.path]).output
            #expect(output.contains(flaw.words), "\(file.name): \(output)")
        }
    }

    @Test("cut short at every byte end with a line that says so, or are whole", arguments: HostileFiles.all.map(\.name))
    func truncated(name: String) throws {
        let file = try #require(HostileFiles.all.first { $0.name == name })
        let bytes = try #require(Shared.bytes(file.path))
        let scratch = Scratch()
        // Every length of the file's beginning, then steps: a process each.
        let lengths =
            Array(stride(from: 0, to: min(bytes.count, 120), by: 7))
            + Array(stride(from: 120, to: bytes.count, by: max(bytes.count / 12, 1)))
        for length in lengths {
            let cut = scratch.file("cut.pcap", bytes[..<length])
            Self.check(try Tool.run(["diagnose", "-q", cut]), "\(name) of \(length) bytes")
        }
    }
}
