import ArgumentParser
import ScopeFormatters
import ScopeModel

/// `ikescope show`: the SAs as they stood.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print what 'show crypto …' of one of the peers would have said.",
        discussion: """
            isakmp-sa lists the IKE SAs of IKEv1, ikev2-sa those of IKEv2, ikev2-session the latter with their child \
            SAs, ipsec-sa the IPsec SAs of each proxy pair with their counters, session what stands between the device \
            and each peer. condition prints the conditions that are given, as 'show crypto debug-condition' does.
            """)

    @Argument(
        help: ArgumentHelp("isakmp-sa, ikev2-sa, ikev2-session, ipsec-sa, session or condition.", valueName: "what"))
    var subject: ShowSubject

    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "View") var view: ViewOption

    @Flag(help: "Also lifetimes, identities, what replaced what and who deleted it.")
    var detail = false

    @Option(
        help: ArgumentHelp(
            "Show the state at this time instead of the end.",
            discussion: """
                RFC 3339 (2026-11-23T09:04:33Z), HH:MM:SS[.fff] of the capture's day, or seconds from the first \
                frame (+12.5).
                """, valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("The form of the output: \(Self.formats).", valueName: "name"))
    var format = "text"

    @OptionGroup(title: "Output") var output: OutputOptions

    private static let formats = Registry.showNames.joined(separator: ", ")

    func validate() throws {
        if subject == .condition, format != "text" { throw ValidationError("show condition: --format is for the SAs") }
        guard Registry.showNames.contains(format) else {
            throw ValidationError("--format \(format): expected \(Self.formats)")
        }
        if case .both = view.view { throw ValidationError("--view both: the tables are those of one device") }
        if let at, ShowPoint(at) == nil {
            throw ValidationError("--at \(at): expected RFC 3339, HH:MM:SS[.fff] or +SECONDS")
        }
    }

    func run() throws {
        let configuration = reading.configuration(output: output.output)
        guard let content = subject.view else { return try show(configuration.conditions, to: configuration.output) }
        // It asks the system for addresses, which it may not once the session is open.
        let device = view.view(of: configuration.input)
        let session = try Session(configuration)
        var options = ShowFormatter.Options()
        options.view = device
        options.isDetailed = detail
        options.at = at.flatMap { ShowPoint($0) }
        options.zone = output.zone
        guard let formatter = Registry.showFormatter(named: format, of: content, options: options) else { return }
        try session.run(formatter)
    }

    /// The capture need not be read for this.
    private func show(_ conditions: Conditions, to target: Output.Target) throws {
        let sink = ByteSink()
        for line in conditions.description.split(separator: "\n", omittingEmptySubsequences: false) {
            sink.untrusted(line)
            sink.newline()
        }
        let output = try Output(target)
        try output.drain(sink)
        try output.close()
    }
}
