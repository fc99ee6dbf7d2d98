import ArgumentParser
import ScopeCapture
import ScopeCrypto
import ScopeFormatters
import ScopeModel

/// `ikescope keys check`: the keys that each file holds, and what they open.
struct KeysCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what key files hold, what they open in captures, and what is still missing.",
        usage: "ikescope keys check <file> ... [<capture> ...]",
        discussion: """
            The content of a file tells whether it holds keys or is a capture. The bytes of keys are never printed; a key \
            is named by its line or member.
            """)

    @Argument(help: ArgumentHelp("Key files of any form, and captures to try them on.", valueName: "file"))
    var files: [String]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("The form of the output: \(Self.formats).", valueName: "name"))
    var format = "text"

    @OptionGroup(title: "Safety") var sandbox: SandboxOptions
    @OptionGroup var quiet: QuietOption

    private static let formats = Registry.keyCheckNames.joined(separator: " or ")

    func validate() throws {
        guard Registry.keyCheckNames.contains(format) else {
            throw ValidationError("--format \(format): expected \(Self.formats)")
        }
    }

    func run() throws {
        guard var form = Registry.keyCheckForm(named: format) else { return }
        var keys: [KeyFile] = []
        var captures: [(path: String, open: Session.OpenCapture)] = []
        for path in files {
            do throws(Failure) {
                keys += try Session.load([path], isQuiet: quiet.quiet, tellsRefusals: false)
            } catch {
                guard error.status == Failure.Status.data.rawValue,
                    let open = try? Session.OpenCapture(configuration(path))
                else { throw error }
                captures.append((path, open))
            }
        }
        var complaints: [CaptureError] = []
        try Privileges.become(try Privileges.successor(sandbox.user))
        let output = try Output(Output.Target(self.output), isPrivate: !keys.isEmpty)
        let sink = ByteSink()
        for file in keys { form.write(Self.describe(file), to: sink) }
        try output.drain(sink)
        for (path, open) in captures {
            form.begin(capture: path, to: sink)
            try output.drain(sink)
            let session = Session(configuration(path), keys: keys, source: open, output: output)
            let complaint = try session.follow(KeyCheckFormatter(form))
            if let complaint { complaints.append(complaint) }
        }
        try output.close()
        if let complaint = complaints.first { throw Failure(complaint) }
    }

    private func configuration(_ path: String) -> Configuration {
        Configuration(
            input: .files([path], isFollowed: false), filter: nil, extent: Extent(), keys: [], conditions: Conditions(),
            output: Output.Target(output), isQuiet: quiet.quiet, user: sandbox.user, isSandboxed: !sandbox.noSandbox)
    }

    private static func describe(_ file: KeyFile) -> CheckedKeyFile {
        var result = CheckedKeyFile(path: file.path, format: file.format.name)
        result.kinds = file.kinds.map { CheckedKeyFile.Kind(name: $0.name, count: $0.count) }
        result.items = file.items.map { CheckedKeyFile.Item(place: $0.place, what: $0.what) }
        result.refused = file.refused.map { CheckedKeyFile.Refusal(line: $0.line, why: $0.why) }
        result.refusedCount = file.refusedCount
        result.lacks = file.format.lacks
        result.howToGetKeys = file.format.howToGetKeys
        return result
    }
}
