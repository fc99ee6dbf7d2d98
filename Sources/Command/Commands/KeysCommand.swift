import ArgumentParser

/// `ikescope keys`: what key files hold and open, and what they come to.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Check key files against captures, or export the keys that open one.",
        subcommands: [KeysCheckCommand.self, KeysExportCommand.self])
}
