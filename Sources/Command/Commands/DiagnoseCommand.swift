import ArgumentParser
import IKEScope
import ScopeFormatters
import ScopeModel

/// `ikescope diagnose`: what is wrong, what shows it, and what to do.
struct DiagnoseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose", abstract: "Say why tunnels do not work, which frames show it, and what to change.",
        discussion: """
            The peers come first, the worst off on top; then each finding with how sure it is: proved, likely or \
            possible. The exit status is 1 when there is an error among them.
            """)

    @OptionGroup var reading: ReadingOptions

    @Option(help: ArgumentHelp("The form of the findings: text or json.", valueName: "name"))
    var format = "text"

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard ["text", "json"].contains(format) else {
            throw ValidationError("--format \(format): expected text or json")
        }
    }

    func run() throws {
        let session = try Session(reading.configuration(output: output.output))
        let worst =
            format == "json"
            ? try run(session, FindingJSONFormatter())
            : try run(session, DiagnosisFormatter(color: output.hasColor(on: session.output)))
        if worst == .error { throw Failure.errorsFound }
    }

    private func run(_ session: Session, _ formatter: some FindingFormatter) throws -> Finding.Severity? {
        var worst: Finding.Severity?
        try session.run(Diagnosis(formatter)) {
            worst = $0.worst
            return nil
        }
        return worst
    }
}
