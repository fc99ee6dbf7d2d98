import ArgumentParser
import ScopeCapture
import ScopeCrypto
import ScopeFormatters
import ScopeModel

/// `ikescope keys check`: what each file holds, and what that opens.
struct KeysCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what key files hold, what they open in captures, and what is still missing.",
        usage: "ikescope keys check <file> ... [<capture> ...]",
        discussion: """
            Which is which shows by the content. The bytes of keys are never printed; a key is named by its line or member.
            """)

    @Argument(help: ArgumentHelp("Key files of any form, and captures to try them on.", valueName: "file"))
    var files: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var quiet: QuietOption

    func run() throws {
        var keys: [KeyFile] = []
        var captures: [String] = []
        for path in files {
            do throws(Failure) {
                keys += try Session.load([path], isQuiet: quiet.quiet, tellsRefusals: false)
            } catch {
                guard error.status == Failure.Status.data.rawValue, (try? Captures.open(paths: [path])) != nil else {
                    throw error
                }
                captures.append(path)
            }
        }
        var complaints: [CaptureError] = []
        let output = try Output(Output.Target(self.output))
        let sink = ByteSink()
        for file in keys { describe(file, to: sink) }
        try output.drain(sink)
        for path in captures {
            sink.untrusted(path)
            sink.newline()
            try output.drain(sink)
            let session = try Session(configuration(path), keys: keys, output: output)
            let complaint = try session.follow(KeyCheckFormatter(ikev2Keys: ikev2Keys(keys)))
            if let complaint { complaints.append(complaint) }
        }
        try output.close()
        if let complaint = complaints.first { throw Failure(complaint) }
    }

    private func configuration(_ path: String) -> Configuration {
        Configuration(
            input: .files([path], isFollowed: false), filter: nil, extent: Extent(), keys: [], conditions: Conditions(),
            output: Output.Target(output), isQuiet: quiet.quiet)
    }

    private func ikev2Keys(_ files: [KeyFile]) -> [UInt64: String] {
        var result: [UInt64: String] = [:]
        for file in files {
            for row in file.ikev2Rows {
                guard let spi = row.initiatorSPI, result[spi] == nil else { continue }
                result[spi] = "\(file.baseName): \(row.place)"
            }
        }
        return result
    }

    private func describe(_ file: KeyFile, to sink: ByteSink) {
        sink.untrusted(file.path)
        sink.text(": \(file.format.name), \(file.summary)")
        sink.newline()
        for item in file.items {
            sink.literal("  ")
            sink.untrusted("\(item.place): \(item.what)")
            sink.newline()
        }
        for refusal in file.refused {
            sink.text("  line \(refusal.line): left out: ")
            sink.untrusted(refusal.why)
            sink.newline()
        }
        if file.refusedCount > file.refused.count {
            sink.text("  and \(file.refusedCount - file.refused.count) more left out\n")
        }
        if file.count == 0 {
            sink.text("  \(file.format.howToGetKeys)\n")
        } else if !file.format.lacks.isEmpty {
            sink.text("  not in it: \(file.format.lacks)\n")
        }
    }
}
