import ArgumentParser
import ScopeModel

/// The conditions of what is shown; other packets are followed, but not shown.
struct ConditionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Show only this, as 'debug crypto condition' of IOS: \(Self.forms); repeatable; meeting one of them is "
                + "enough.",
            valueName: "condition"))
    var condition: [String] = []

    @Option(help: ArgumentHelp("The same in short: an address, or address/length; repeatable.", valueName: "address"))
    var peer: [String] = []

    private static let forms = Condition.forms.map { "\"\($0)\"" }.joined(separator: ", ")

    func validate() throws { _ = try parse() }

    /// `validate` has checked the texts, so none is lost here.
    var conditions: Conditions { (try? parse()) ?? Conditions() }

    private func parse() throws -> Conditions {
        do throws(Condition.SyntaxError) {
            var all: [Condition] = []
            for text in condition { all.append(try Condition(parsing: text)) }
            for text in peer { all.append(try Condition(peer: text)) }
            return Conditions(all)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
