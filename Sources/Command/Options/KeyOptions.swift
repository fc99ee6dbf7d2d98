import ArgumentParser

/// What opens the packets.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A key file (ikescope.keys/1: pre-shared keys, DH secrets, IKE and SA keys); repeatable.",
            valueName: "file"))
    var keys: [String] = []
}
