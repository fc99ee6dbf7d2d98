import ArgumentParser
import IKEScope
import ScopeFormatters

/// `ikescope debug`: the transcript.
struct DebugCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "debug",
        abstract: "Print what 'debug crypto isakmp', 'ikev2' and 'ipsec' of one of the peers would have said.",
        discussion: """
            Annotations stand between the router's lines. They are comments to IOS, and say which packet the lines \
            belong to and what it means.
            """)

    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Transcript") var view: ViewOption

    @Option(help: "Whose lines they are: classic (IOS 12.4T and 15) or xe (IOS XE 16 and later).")
    var ios = LineFamily.classic

    @Option(help: "Print only the router's lines of one command: isakmp, ikev2 or ipsec.")
    var only: DebugSubsystem?

    @Option(
        help: ArgumentHelp(
            """
            What the router's lines of IKEv2 have beside plain ones and errors: packet or internal, or both with a \
            comma.
            """, valueName: "details"))
    var detail: [DebugDetails] = []

    @Flag(help: "Print only the router's lines.")
    var noAnnotations = false

    @Option(help: ArgumentHelp("The form of the transcript: \(Self.formats).", valueName: "name"))
    var format = "text"

    @OptionGroup(title: "Configurations") var config: ConfigOption
    @OptionGroup var secrets: SecretOption
    @OptionGroup(title: "Output") var output: OutputOptions

    private static let formats = Registry.names.joined(separator: " or ")

    func validate() throws {
        guard Registry.names.contains(format) else {
            throw ValidationError("--format \(format): expected \(Self.formats)")
        }
    }

    func run() throws {
        let configs = try config.load(isQuiet: reading.quiet.quiet)
        let configuration = reading.configuration(output: output.output)
        // It asks the system for addresses, which it may not once the session is open.
        let device = view.view(of: configuration.input)
        let session = try Session(configuration)
        var options = IOSDebugFormatter.Options()
        options.view = device
        options.family = ios
        if let only { options.commands = only.commands }
        options.details = IKEv2Details(detail.map(\.details))
        options.annotations = !noAnnotations
        options.zone = output.zone
        options.color = output.hasColor(on: session.output)
        options.showSecrets = secrets.showSecrets
        guard
            let formatter = Registry.formatter(
                named: format, options: options, knowledge: configs.isEmpty ? nil : ConfiguredDevices(configs))
        else { return }
        try session.run(formatter)
    }
}

/// The word behind `--only`.
enum DebugSubsystem: String, CaseIterable, ExpressibleByArgument {
    case isakmp, ikev2, ipsec

    var commands: DebugCommands {
        switch self {
        case .isakmp: .isakmp
        case .ikev2: .ikev2
        case .ipsec: .ipsec
        }
    }
}

/// The words behind one `--detail`: those of `debug crypto ikev2`.
struct DebugDetails: ExpressibleByArgument {
    var details: IKEv2Details = []

    init?(argument: String) {
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            switch word {
            // Errors are printed by themselves.
            case "error": break
            case "packet": details.insert(.packet)
            case "internal": details.insert(.internal)
            default: return nil
            }
        }
    }
}

extension LineFamily: ExpressibleByArgument {}
