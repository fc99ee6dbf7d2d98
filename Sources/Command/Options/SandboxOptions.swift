import ArgumentParser

/// The rights that the run keeps when everything is open.
struct SandboxOptions: ParsableArguments {
    @Option(
        name: [.customShort("Z"), .customLong("relinquish-privileges")],
        help: ArgumentHelp(
            "As root: become this user once the input is open (default: who called sudo).", valueName: "user"))
    var user: String?

    @Flag(help: "Do without the sandbox: no filter of system calls, no restriction of files.")
    var noSandbox = false
}
