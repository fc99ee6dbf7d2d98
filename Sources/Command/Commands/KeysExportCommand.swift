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
            each ESP SA that it made, rekeyed ones too. What is written opens the traffic for whoever has it.
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
            "Write to this file, with wireshark into this folder, which is made if need be.", valueName: "path"))
    var output: String?

    @Flag(help: "Write over tables that are there already.")
    var force = false

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
        let target: Output.Target = form == .wireshark ? .standardOutput : Output.Target(output)
        let configuration = Configuration(
            input: input.input, filter: input.filter, extent: input.extent, keys: keys.keys, pskList: keys.pskList,
            jobs: keys.jobs, conditions: Conditions(),
            output: target, isQuiet: quiet.quiet)
        let session = try Session(configuration, isPrivate: true)
        let complaint = try session.gather(export)
        guard !export.summary.isEmpty else {
            if let complaint { throw Failure(complaint) }
            throw Failure("no key at hand opens anything here, so there is nothing to export", status: .data)
        }
        let leftOut: [String]
        switch form {
        case .json:
            leftOut = []
            try session.output.write(export.json())
        case .xfrm:
            let (text, missing) = export.xfrmState()
            leftOut = missing
            try session.output.write(text)
        case .wireshark:
            let (tables, missing) = export.wiresharkTables()
            leftOut = missing
            try write(tables)
        }
        try session.output.close()
        if !quiet.quiet {
            for line in leftOut.prefix(8) { Complaint.say("left out: \(line)") }
            if leftOut.count > 8 { Complaint.say("left out: \(leftOut.count - 8) more SAs") }
            Complaint.say("exported the keys of \(export.summary)")
        }
        if let complaint { throw Failure(complaint) }
    }

    private func write(_ tables: [KeyExport.Table]) throws(Failure) {
        let folder = output ?? ""
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw Failure("\(folder): cannot be made: \(String(cString: strerror(errno)))", status: .output)
        }
        let paths = tables.map { "\(folder)/\($0.name)" }
        // A profile may have tables of its own.
        if !force, let present = paths.first(where: { access($0, F_OK) == 0 }) {
            throw Failure("\(present): is there already; --force writes over it", status: .usage)
        }
        for (table, path) in zip(tables, paths) {
            let file = try Output(.file(path), isPrivate: true)
            try file.write(table.text)
            try file.close()
        }
    }
}
