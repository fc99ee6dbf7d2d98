import ScopeConfig
import ScopeDiagnose
import ScopeModel

/// The diagnosis of a run: takes in the events, and gives a report of what they amount to, whenever it is asked.
public final class Diagnosis {
    private let diagnoser: Diagnoser
    private let comparison: TapComparison?
    /// The report at the end, once no more events come.
    private var last: Report?
    /// How the IPsec SAs stand: `Analyzer.standing` of the run.
    private var standing: Standing = { _ in }

    /// - Parameters:
    ///   - comparison: has the events of the other tap already, where there are two.
    ///   - configs: running configurations of any of the peers.
    public init(
        comparison: TapComparison? = nil, limits: Limits = Limits(), configs: [IOSConfig] = []
    ) {
        self.comparison = comparison
        diagnoser = Diagnoser(limits: limits, configs: configs)
    }

    public func take(_ event: Event) {
        diagnoser.take(event)
        comparison?.take(event)
    }

    /// No more events come: makes the last report, and lets go of what only making it needed.
    public func finish() {
        guard last == nil else { return }
        last = settled(diagnoser.finish())
    }

    /// Has the reports that are asked for before the end know how the IPsec SAs stand: the events tell that at the end.
    public func connect(standing: @escaping Standing) { self.standing = standing }

    /// What was found up to now; later reports are the same whether this one was asked for or not.
    public func report() -> Report {
        if let last { return last }
        var events: [Event] = []
        standing { events.append($0) }
        return settled(diagnoser.report(standing: events))
    }

    private func settled(_ report: Report) -> Report {
        guard let comparison else { return report }
        return Report(peers: report.peers, findings: comparison.settle(report.findings))
    }
}

/// Two captures of one tunnel, at two taps.
public final class TapComparison {
    private let taps = TwoTaps()
    private let names: (a: String, b: String)

    /// `names` are what the findings call the taps.
    public init(names: (a: String, b: String)) { self.names = names }

    /// Takes in one event of the second capture; those of the first come by the diagnosis.
    public func takeOther(_ event: Event) { taps.take(event, at: .b) }

    fileprivate func take(_ event: Event) { taps.take(event, at: .a) }

    fileprivate func settle(_ findings: [Finding]) -> [Finding] { taps.settle(findings, names: names) }
}
