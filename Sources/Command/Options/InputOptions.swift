import ArgumentParser
import ScopeCapture

/// The input, and how much of it is read.
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

    @Option(
        name: [.customShort("B"), .long],
        help: ArgumentHelp(
            "On an interface: the system's buffer for packets that are not read yet (default: \(Self.usualBuffer)).",
            valueName: "KiB"))
    var bufferSize: Int?

    @Option(
        name: [.customShort("s"), .long],
        help: ArgumentHelp(
            "On an interface: keep so many bytes of each frame (default: all; so does 0).", valueName: "bytes"))
    var snapshotLength: Int?

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
        } else {
            if bufferSize != nil { throw ValidationError("--buffer-size is for --interface") }
            if snapshotLength != nil { throw ValidationError("--snapshot-length is for --interface") }
        }
        if let bufferSize, !(1...Self.largestBuffer).contains(bufferSize) {
            throw ValidationError("--buffer-size \(bufferSize): expected KiB, 1 to \(Self.largestBuffer)")
        }
        if let snapshotLength, !(0...LiveSettings.longestFrame).contains(snapshotLength) {
            throw ValidationError(
                "--snapshot-length \(snapshotLength): expected bytes, 0 to \(LiveSettings.longestFrame)")
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

    /// A hundred years, which fit into 64 bits as nanoseconds.
    private static let longest = 3_155_760_000.0

    var input: Configuration.Input {
        interface.map { .interface($0) } ?? .files(files, isFollowed: follow)
    }

    private static let usualBuffer = LiveSettings().bufferLength >> 10
    /// The largest buffer that libpcap's signed 32 bits can describe.
    private static let largestBuffer = Int(Int32.max) >> 10

    /// The settings of a live capture, except those that the output decides.
    var live: LiveSettings {
        var settings = LiveSettings()
        if let filter { settings.filter = filter }
        if let bufferSize { settings.bufferLength = bufferSize << 10 }
        if let snapshotLength, snapshotLength > 0 { settings.snapLength = snapshotLength }
        return settings
    }

    var extent: Extent { Extent(count: count, duration: duration.map { Int64($0 * 1e9) }) }
}
