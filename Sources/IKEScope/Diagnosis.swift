import ScopeConfig
import ScopeDiagnose
import ScopeModel
import ScopeWire

/// Follows the events to the end, and has what they amount to printed.
public struct Diagnosis<Formatter: FindingFormatter>: EventFormatter {
    private let diagnoser: Diagnoser
    private let comparison: TapComparison?
    private var formatter: Formatter
    /// The worst that was found; nil before the end, and where nothing was.
    public private(set) var worst: Finding.Severity?

    /// - Parameters:
    ///   - comparison: has the events of the other tap already, where there are two.
    ///   - configs: running configurations of any of the peers.
    ///   - candidates: the name of the list of candidates for pre-shared keys, where there is one.
    public init(
        _ formatter: Formatter, comparison: TapComparison? = nil, limits: Limits = Limits(), configs: [IOSConfig] = [],
        candidates: String? = nil
    ) {
        self.formatter = formatter
        self.comparison = comparison
        diagnoser = Diagnoser(limits: limits, configs: configs, candidates: candidates)
    }

    public static var watchesClear: Bool { true }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        diagnoser.take(event)
        comparison?.take(event)
    }

    public mutating func finish(to sink: ByteSink) {
        var (peers, findings) = diagnoser.finish()
        if let comparison { findings = comparison.settle(findings) }
        worst = findings.map(\.severity).max()
        formatter.write(peers, findings, to: sink)
    }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        formatter.close(statistics, to: sink)
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
