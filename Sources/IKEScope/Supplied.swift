import ScopeModel
import ScopeWire

/// A formatter together with the products of the run that it needs beside the events: the state and the report.
///
/// The formatter is handed what it declares in `needs`, and nothing else. Both products take in an event after it is
/// written: a formatter that asks for them while it writes an event gets what stood before that event.
public struct Supplied<Formatter: EventFormatter>: EventFormatter {
    public private(set) var formatter: Formatter
    private let diagnosis: Diagnosis?
    private let state: Kept<Formatter.State>?

    /// What the formatter was connected to is kept here, as it changes with each event.
    private final class Kept<State: RunState> {
        var value = State()
    }

    /// - Parameter diagnosis: where the report comes from, for a formatter that needs it.
    public init(_ formatter: Formatter, diagnosis: @autoclosure () -> Diagnosis = Diagnosis()) {
        self.formatter = formatter
        self.diagnosis = Formatter.needs.contains(.report) ? diagnosis() : nil
        state = Formatter.needs.contains(.state) ? Kept() : nil
        if let diagnosis = self.diagnosis { self.formatter.connect(report: { diagnosis.report() }) }
        if let state { self.formatter.connect(state: { state.value }) }
    }

    public mutating func connect(standing: @escaping Standing) {
        diagnosis?.connect(standing: standing)
        formatter.connect(standing: standing)
    }

    public mutating func connect(places: @escaping FramePlaces) { formatter.connect(places: places) }

    public static var needs: Needs { Formatter.needs }

    public mutating func start(at time: Instant) { formatter.start(at: time) }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {
        if Formatter.needs.contains(.bytes) {
            formatter.write(event, frame: frame, plaintext: plaintext, to: sink)
        } else {
            formatter.write(event, frame: RawSpan(), plaintext: RawSpan(), to: sink)
        }
        diagnosis?.take(event)
        state?.value.take(event)
    }

    public mutating func pass(to time: Instant, sink: ByteSink) { formatter.pass(to: time, sink: sink) }

    public mutating func finish(to sink: ByteSink) {
        diagnosis?.finish()
        formatter.finish(to: sink)
    }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        formatter.close(statistics, to: sink)
    }
}
