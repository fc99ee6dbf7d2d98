import ArgumentParser
import Glibc
import ScopeFormatters

/// The output file of text, and its form.
struct OutputOptions: ParsableArguments {
    enum Color: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Color the text: auto (on a terminal, unless NO_COLOR is set), always or never.", valueName: "when"))
    var color = Color.auto

    @Flag(help: "Print times in UTC, not in the local zone.")
    var utc = false

    var zone: Clock.Zone { utc ? .utc : .local }

    func hasColor(on output: Output) -> Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto: output.isTerminal && !Self.isSet("NO_COLOR") && Self.value("TERM") != "dumb"
        }
    }

    /// By the convention of no-color.org an empty value counts as none.
    private static func isSet(_ name: String) -> Bool { !(value(name) ?? "").isEmpty }

    private static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// Whether messages beside the results are printed.
struct QuietOption: ParsableArguments {
    @Flag(name: .shortAndLong, help: "No warnings, notices or progress on standard error; errors remain.")
    var quiet = false
}
