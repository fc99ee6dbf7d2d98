import ArgumentParser
import Glibc
import ScopeCapture
import ScopeCrypto
import ScopeModel

/// `ikescope keys export`: the keys that open a capture, for other programs.
struct KeysExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the keys that open a capture, in the form of another program.",
        usage: "ikescope keys export <capture> ... --keys <file> --to wireshark -o <folder>",
        discussion: """
            Only keys that a HASH or an ICV proved are written, and those that follow from them: of each IKE SA, and of \
            each ESP SA that it made, rekeyed ones too. Whoever has the output can read the traffic.
            """)

    enum Form: String, CaseIterable, ExpressibleByArgument { case wireshark, json, xfrm }

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Keys") var keys: KeyOptions

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp(
            "wireshark: tables for a profile folder; json: ikescope.keys/1; xfrm: as 'ip xfrm state' prints.",
            valueName: "form"))
    var form: Form

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write to this file; with wireshark, into this folder, which is created if it is missing.",
            valueName: "path"))
    var output: String?

    @Flag(help: "Replace existing files.")
    var force = false

    @OptionGroup(title: "Safety") var sandbox: SandboxOptions
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        try input.requireCapture()
        if form == .wireshark, output == nil || output == "-" {
            throw ValidationError("--to wireshark: name a folder with -o; it gets up to three tables")
        }
        if keys.keys.isEmpty, keys.pskList == nil { throw ValidationError("no keys given: give --keys") }
    }

    func run() throws {
        let export = KeyExport()
        let configuration = Configuration(
            input: input.input, filter: input.filter, live: input.live, extent: input.extent, keys: keys.keys,
            pskList: keys.pskList, jobs: keys.jobs, conditions: Conditions(), output: .standardOutput,
            isQuiet: quiet.quiet, user: sandbox.user, isSandboxed: !sandbox.noSandbox,
            folder: paths.first.map(WholeFile.folder(of:)).map(madeIn))
        for path in paths { try Session.checkOverlap(configuration, target: .file(path)) }
        // The user should not wait for the end of a capture to learn that the file may not be written.
        if form != .wireshark { for path in paths { _ = try WholeFile(path, replaces: force) } }
        let session = try Session(configuration)
        let complaint = try session.gather(export)
        guard !export.summary.isEmpty else {
            if let complaint { throw Failure(complaint) }
            throw Failure("no given key opens anything here, so there is nothing to export", status: .data)
        }
        let (texts, leftOut) = texts(of: export)
        if paths.isEmpty {
            for (_, text) in texts { try session.output.write(text) }
        } else {
            try write(texts)
        }
        try session.output.close()
        if !quiet.quiet {
            for line in leftOut.prefix(8) { Complaint.say("left out: \(line)") }
            let rest = leftOut.count - 8
            if rest > 0 { Complaint.say("left out: \(rest) more SA\(rest == 1 ? "" : "s")") }
            Complaint.say("exported the keys of \(export.summary)")
        }
        if let complaint { throw Failure(complaint) }
    }

    /// The folder in which something is made: Wireshark's folder may have to be made itself, in the one above.
    private func madeIn(_ folder: String) -> String { form == .wireshark ? WholeFile.folder(of: folder) : folder }

    /// The files that may be written; none for standard output.
    private var paths: [String] {
        guard let output, output != "-" else { return [] }
        return form == .wireshark ? KeyExport.Table.names.map { "\(output)/\($0)" } : [output]
    }

    /// Writes all files or, when one of them may not or cannot be written, none.
    private func write(_ texts: [(name: String?, text: SecretSink)]) throws(Failure) {
        guard let output else { return }
        if form == .wireshark { try makeFolder(output) }
        var files: [WholeFile] = []
        for (name, _) in texts {
            files.append(try WholeFile(name.map { "\(output)/\($0)" } ?? output, replaces: force))
        }
        for (file, (_, text)) in zip(files, texts) { try file.write(text) }
        for file in files { try file.commit() }
    }

    /// The texts to write, with the names of their files where there are several, and what they leave out.
    private func texts(of export: KeyExport) -> (texts: [(name: String?, text: SecretSink)], leftOut: [String]) {
        switch form {
        case .json: return ([(nil, export.json())], [])
        case .xfrm:
            let (text, missing) = export.xfrmState()
            return ([(nil, text)], missing)
        case .wireshark:
            let (tables, missing) = export.wiresharkTables()
            return (tables.map { ($0.name, $0.text) }, missing)
        }
    }

    private func makeFolder(_ folder: String) throws(Failure) {
        if mkdir(folder, 0o700) == 0 { return }
        let code = errno
        var status = stat()
        guard code == EEXIST, lstat(folder, &status) == 0 else {
            throw Failure("\(folder): cannot be made: \(String(cString: strerror(code)))", status: .output)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw Failure("\(folder): is not a folder; links are not followed", status: .usage)
        }
    }
}
