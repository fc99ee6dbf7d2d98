import ArgumentParser
import ScopeModel

/// The conditions of what is shown; other packets are followed, but not shown.
struct ConditionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Show only this, as 'debug crypto condition' of IOS: \"peer ipv4 A\", \"peer ipv6 A\", "
                + "\"peer subnet NET MASK\", \"peer hostname NAME\", \"peer username NAME\", \"peer group NAME\", "
                + "\"local ipv4 A\", \"local ipv6 A\", \"spi VALUE\", \"connid N\", \"unmatched [isakmp | ipsec]\"; "
                + "repeatable; meeting one of them is enough.",
            valueName: "condition"))
    var condition: [String] = []

    @Option(help: ArgumentHelp("The same in short: an address, or address/length; repeatable.", valueName: "address"))
    var peer: [String] = []

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
