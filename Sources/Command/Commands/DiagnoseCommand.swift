import ArgumentParser
import IKEScope
import ScopeConfig
import ScopeFormatters
import ScopeModel

/// `ikescope diagnose`: what is wrong, what shows it, and what to do.
struct DiagnoseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose", abstract: "Say why tunnels do not work, which frames show it, and what to change.",
        discussion: """
            The peers come first, those with the worst findings on top; then the findings, each proved, likely or \
            possible. The exit status is 1 when there is an error among them. With two taps, frames and peers are those \
            of the first one.
            """)

    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Input") var tap: TapOption
    @OptionGroup(title: "Keys") var keys: KeyOptions
    @OptionGroup(title: "Conditions") var conditions: ConditionOptions
    @OptionGroup(title: "Safety") var sandbox: SandboxOptions
    @OptionGroup var quiet: QuietOption

    @OptionGroup(title: "Configurations") var config: ConfigOption

    @Option(help: ArgumentHelp("The form of the findings: \(Self.formats).", valueName: "name"))
    var format = "text"

    @OptionGroup(title: "Output") var output: OutputOptions

    private static let formats = Registry.diagnosisNames.joined(separator: " or ")

    func validate() throws {
        guard Registry.diagnosisNames.contains(format) else {
            throw ValidationError("--format \(format): expected \(Self.formats)")
        }
        if tap.taps.isEmpty {
            try input.requireCapture()
        } else if !input.files.isEmpty || input.interface != nil {
            throw ValidationError("--tap names the captures: give no other file or interface")
        }
    }

    func run() throws {
        let configs = try config.load(isQuiet: quiet.quiet)
        var configuration = Configuration(
            input, keys: keys, conditions: conditions, sandbox: sandbox, quiet: quiet, output: output.output)
        var comparison: TapComparison?
        var other: Session.OpenCapture?
        if tap.taps.count == 2 {
            let (a, b) = (tap.taps[0], tap.taps[1])
            comparison = TapComparison(names: (a.name, b.name))
            configuration.input = .files([b.path], isFollowed: false)
            other = try Session.OpenCapture(configuration)
            configuration.input = .files([a.path], isFollowed: false)
        }
        let session = try Session(configuration)
        if let other { try session.read(other) { comparison?.takeOther($0) } }
        guard let formatter = Registry.diagnosisFormatter(named: format, color: output.hasColor(on: session.output))
        else { return }
        let report = try session.run(formatter, configs: configs, comparison: comparison)
        if let left = report?.findings.first(where: { $0.id == .capTooLarge }) {
            Complaint.say("warning: \(left.summary): \(left.evidence.joined(separator: "; "))")
        }
        if report?.worst == .error { throw Failure.errorsFound }
    }
}
