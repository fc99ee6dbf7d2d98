import ArgumentParser

/// The keys that open the packets.
struct KeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with keys, repeatable; its content tells what it is.",
            discussion: """
                ikescope.keys/1 (JSON), a configuration of IOS or ASA, swanctl.conf, ipsec.secrets, a log of charon, pluto \
                or vpnc, tables of Wireshark, what 'ip xfrm state' prints.
                """,
            valueName: "file"))
    var keys: [String] = []

    @Option(
        help: ArgumentHelp(
            "A list of candidates, one a line: each is tried as the pre-shared key where no other fits.",
            discussion: "Of Aggressive Mode, and of Main Mode whose DH secret is known.", valueName: "file"))
    var pskList: String?

    @Option(
        help: ArgumentHelp(
            "Threads that decrypt ESP and try keys (default: as many as there are processors).",
            discussion: "The output does not depend on it. A live or followed capture is decrypted by one.",
            valueName: "n"))
    var jobs: Int?

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs \(jobs): expected 1 to 256") }
    }
}
