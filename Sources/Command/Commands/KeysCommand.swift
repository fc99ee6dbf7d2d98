import ArgumentParser

/// `ikescope keys`: checks key files, and exports the keys that open a capture.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Check key files against captures, or export the keys that open one.",
        subcommands: [KeysCheckCommand.self, KeysExportCommand.self])
}
