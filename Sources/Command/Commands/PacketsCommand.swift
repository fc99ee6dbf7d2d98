import ArgumentParser
import ScopeFormatters

/// `ikescope packets`: the packets of IKE, ESP and AH, one by one.
struct PacketsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "packets", abstract: "Print a line for each IKE, ESP and AH packet, or a JSON object.")

    @OptionGroup var reading: ReadingOptions

    @Flag(name: .customShort("v"), help: "Under each line the decoded fields, with offset and length.")
    var fields = false

    @Flag(name: .customShort("x"), help: "Under each line the bytes.")
    var bytes = false

    @Option(help: ArgumentHelp("How packets are listed: \(Self.formats).", valueName: "name"))
    var format = "text"

    @OptionGroup var secrets: SecretOption

    @OptionGroup(title: "Output") var output: OutputOptions

    private static let formats = Registry.packetNames.joined(separator: " or ")

    func validate() throws {
        guard Registry.packetNames.contains(format) else {
            throw ValidationError("--format \(format): expected \(Self.formats)")
        }
        if format != "text", fields || bytes { throw ValidationError("-v and -x are for --format text") }
    }

    func run() throws {
        let session = try Session(reading.configuration(output: output.output))
        var options = PacketOptions()
        options.zone = output.zone
        options.color = output.hasColor(on: session.output)
        options.fields = fields
        options.bytes = bytes
        options.showSecrets = secrets.showSecrets
        guard let formatter = Registry.packetFormatter(named: format, options: options) else { return }
        try session.run(formatter)
    }
}
