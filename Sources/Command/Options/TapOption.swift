import ArgumentParser

/// Two captures of one tunnel, each with a name.
struct TapOption: ParsableArguments {
    @Option(
        name: .customLong("tap"),
        help: ArgumentHelp(
            "A capture of one end, given twice: the output includes what was lost or altered between the two.",
            valueName: "name=file"))
    var taps: [Tap] = []

    struct Tap: ExpressibleByArgument {
        var name: String
        var path: String

        init?(argument: String) {
            guard let mark = argument.firstIndex(of: "="), mark != argument.startIndex,
                argument.index(after: mark) != argument.endIndex
            else { return nil }
            name = String(argument[..<mark])
            path = String(argument[argument.index(after: mark)...])
        }
    }

    func validate() throws {
        if !taps.isEmpty, taps.count != 2 { throw ValidationError("--tap: give two, one for each end") }
    }
}
