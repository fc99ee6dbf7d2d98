import ArgumentParser

/// What is read, and how much of it.
struct InputOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Captures to read: pcap or pcapng, each also gzip; '-' is standard input.",
            discussion: "Several files are merged in the order of time.", valueName: "file"))
    var files: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Capture on this interface instead.", valueName: "name"))
    var interface: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Read only frames that pass this filter (tcpdump's language).", valueName: "bpf"))
    var filter: String?

    @Flag(help: "Wait at a file's end for more, until interrupted.")
    var follow = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Stop after so many frames.", valueName: "frames"))
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "Stop after so many seconds: of the clock on an interface or with --follow, else of the frames' times.",
            valueName: "seconds"))
    var duration: Double?

    func validate() throws {
        if interface != nil {
            if !files.isEmpty { throw ValidationError("give files or --interface, not both") }
            if follow { throw ValidationError("--follow is for files; an interface is always followed") }
        }
        if files.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input ('-') can be read only once")
        }
        if let count, count < 1 { throw ValidationError("--count \(count): expected 1 or more") }
        if let duration, !(duration > 0 && duration <= Self.longest) {
            throw ValidationError("--duration \(duration): expected seconds, more than 0")
        }
    }

    /// Fails where neither a file nor an interface is named.
    func requireCapture() throws {
        if files.isEmpty, interface == nil {
            throw ValidationError("no capture named: give a file, '-' or --interface")
        }
    }

    /// A hundred years, which nanoseconds in 64 bits can count.
    private static let longest = 3_155_760_000.0

    var input: Configuration.Input {
        interface.map { .interface($0) } ?? .files(files, isFollowed: follow)
    }

    var extent: Extent { Extent(count: count, duration: duration.map { Int64($0 * 1e9) }) }
}
