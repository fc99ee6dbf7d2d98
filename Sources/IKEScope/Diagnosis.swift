import ScopeDiagnose
import ScopeModel
import ScopeWire

/// Follows the events to the end, and has what they amount to printed.
public struct Diagnosis<Formatter: FindingFormatter>: EventFormatter {
    private let diagnoser: Diagnoser
    private var formatter: Formatter
    /// The worst that was found; nil before the end, and where nothing was.
    public private(set) var worst: Finding.Severity?

    public init(_ formatter: Formatter, limits: Limits = Limits()) {
        self.formatter = formatter
        diagnoser = Diagnoser(limits: limits)
    }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        diagnoser.take(event)
    }

    public mutating func finish(to sink: ByteSink) {
        let (peers, findings) = diagnoser.finish()
        worst = findings.map(\.severity).max()
        formatter.write(peers, findings, to: sink)
    }
}
