import ScopeModel
import ScopeWire

/// A diagnosis as text or as JSON: one type for both, so that what is done with each packet is compiled for it.
public struct DiagnosisForm: EventFormatter {
    private var text: DiagnosisFormatter?
    private var json: FindingJSONFormatter?

    public init(_ formatter: DiagnosisFormatter) { text = formatter }
    public init(_ formatter: FindingJSONFormatter) { json = formatter }

    public static var needs: Needs { .report }

    public mutating func connect(report: @escaping () -> Report) {
        text?.connect(report: report)
        json?.connect(report: report)
    }

    public mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink) {}

    public mutating func finish(to sink: ByteSink) {
        text?.finish(to: sink)
        json?.finish(to: sink)
    }

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {
        text?.close(statistics, to: sink)
        json?.close(statistics, to: sink)
    }
}
