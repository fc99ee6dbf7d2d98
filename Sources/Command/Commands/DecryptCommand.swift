import ArgumentParser
import ScopeFormatters

/// `ikescope decrypt`: the packets inside the tunnels, as a capture.
struct DecryptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decrypt", abstract: "Write the packets inside ESP as a pcapng capture.",
        usage: "ikescope decrypt [<options>] <file> ... -w <out.pcapng>",
        discussion: """
            Each packet has a comment that names the frame, the SPI and the SA that carried it. Packets with a wrong \
            ICV are left out, and so are packets that nothing verifies, unless --unverified asks for them; both are \
            counted on standard error.
            """)

    @OptionGroup var reading: ReadingOptions

    @Option(
        name: .customShort("w"),
        help: ArgumentHelp("Write the capture to this file; '-' is standard output.", valueName: "out.pcapng"))
    var target: String

    @Flag(name: .customLong("with-ike"), help: "Write the decrypted IKE messages as well.")
    var withIKE = false

    @Flag(help: "Write also packets that were decrypted but not verified; their comments say so.")
    var unverified = false

    @OptionGroup var secrets: SecretOption

    func run() throws {
        let session = try Session(reading.configuration(output: target))
        guard !session.output.isTerminal else {
            throw Failure("-w \(target): a terminal cannot show a capture; name a file or a pipe", status: .usage)
        }
        var options = DecryptedCaptureWriter.Options()
        options.ike = withIKE
        options.unverified = unverified
        options.showSecrets = secrets.showSecrets
        session.output.whole = DecryptedCaptureWriter.wholeLength
        try session.run(DecryptedCaptureWriter(options)) { $0.summary.description }
    }
}
