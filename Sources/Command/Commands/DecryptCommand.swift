import ArgumentParser
import ScopeFormatters

/// `ikescope decrypt`: the packets inside the tunnels, as a capture.
struct DecryptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt", abstract: "Write the packets inside ESP as a pcapng capture.",
        usage: "ikescope decrypt [<options>] <file> ... -w <out.pcapng>",
        discussion: """
            Each packet has a comment that names the frame, the SPI and the SA that carried it. Packets whose ICV is \
            wrong, or that nothing vouches for, are left out, and counted on standard error.
            """)

    @OptionGroup var reading: ReadingOptions

    @Option(
        name: .customShort("w"),
        help: ArgumentHelp("Write the capture to this file; '-' is standard output.", valueName: "out.pcapng"))
    var target: String

    func run() throws {
        let session = try Session(reading.configuration(output: target))
        guard !session.output.isTerminal else {
            throw Failure("-w \(target): a terminal cannot show a capture; name a file or a pipe", status: .usage)
        }
        try session.run(DecryptedCaptureWriter()) { $0.summary.description }
    }
}
