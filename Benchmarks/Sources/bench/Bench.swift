import ArgumentParser
import Foundation

/// ikescope beside tcpdump, tshark, capinfos, dd, `openssl speed` and plain loops in C: in turn, in one run.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "How fast ikescope is, and what it is held against.",
        subcommands: [Comparison.self, PcapLoop.self, Exponentiations.self], defaultSubcommand: Comparison.self)
}

struct Comparison: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "ikescope beside other programs on the same captures, in turn, in one run.",
        discussion: """
            Makes captures of ESP in four tunnels, of Main and Quick Modes alone (both with the lab's generator, \
            genpcap.py) and of negotiations of IKEv2 alone, all with their keys. Prints the time and the peak memory of each program (medians of the \
            rounds), how many times faster ikescope is, and whether all of them found the same; then each bound with its \
            figure. Exits with 1 when one does not hold.
            """)

    @Option(help: "The ikescope to measure.") var ikescope = ".build/release/ikescope"
    @Option(help: "The generator of captures.") var genpcap = "../shared/lab/genpcap.py"
    @Option(help: "The generator of captures of IKEv2.") var ikev2 = "Benchmarks/Instructions/ikev2.py"
    @Option(help: "MB of the capture of ESP.") var size = 1000
    @Option(help: "Negotiations in each of the other captures.") var negotiations = 20_000
    @Option(help: "How often each program runs.") var rounds = 3
    @Option(help: "Makes the captures in this folder, or takes those that are there.") var keep: String?

    func validate() throws {
        guard size > 0, negotiations >= 100, rounds > 0 else {
            throw ValidationError("--size, --negotiations (from 100) and --rounds are numbers above 0")
        }
    }

    func run() throws {
        guard FileManager.default.fileExists(atPath: genpcap) else {
            say("SKIPPED: the benchmark: \(genpcap) is absent")
            return
        }
        let scratch = try Scratch(keep: keep)
        defer { scratch.remove() }
        var bounds = Bounds()
        let track = Track(ikescope: ikescope, folder: scratch.folder, rounds: rounds)
        let maker = CaptureMaker(genpcap: genpcap, generator: ikev2, folder: scratch.captures)
        try ESPRuns(track: track).run(try maker.esp(megabytes: size), &bounds)
        try NegotiationRuns(track: track).run(
            try maker.negotiations(negotiations), fewer: try maker.negotiations(negotiations / 10), &bounds)
        try IKEv2Runs(track: track).run(
            try maker.ikev2(negotiations), fewer: try maker.ikev2(negotiations / 10), &bounds)
        say("\n" + track.table.text + "\n\n" + bounds.text)
        if !bounds.allHold { throw ExitCode.failure }
    }
}

/// Where captures and outputs lie; removed at the end, except captures that are to be kept.
struct Scratch {
    let folder: URL
    let captures: URL

    init(keep: String?) throws {
        let files = FileManager.default
        folder = files.temporaryDirectory.appending(path: "ikescope-bench-\(getpid())")
        try files.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        captures = keep.map { URL(filePath: $0) } ?? folder
        try files.createDirectory(
            at: captures, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}
