import Dispatch
import ScopeModel
import ScopeWire

/// A formatter and its output on a thread of their own.
///
/// Events are handed over in batches, of which one is written while the next one fills.
/// It is only for formatters that need no bytes beside the events, because the bytes are gone when an event is written.
final class WritingDesk<Formatter: EventFormatter>: @unchecked Sendable {
    /// The most events in a batch, and the most bytes that they hold.
    private static var batch: Int { 256 }
    private static var batchBytes: Int { 1 << 20 }
    private static var blockLength: Int { 64 << 10 }

    // The thread that hands over uses `filling` and `failure`. The other members belong to the writing thread between
    // the hand-over of a batch and the end of its group.
    @exclusivity(unchecked) private var filling: [Event] = []
    private var fillingBytes = 0
    /// The reason why nothing more can be written.
    private(set) var failure: Failure?
    private var writing: [Event] = []
    @exclusivity(unchecked) private var formatter: Formatter
    private var trouble: Failure?
    private let sink = ByteSink()
    private let output: Output
    private let queue = DispatchQueue(label: "writing")
    private let isWriting = DispatchGroup()

    init(_ formatter: Formatter, _ output: Output) {
        self.formatter = formatter
        self.output = output
        filling.reserveCapacity(Self.batch)
        writing.reserveCapacity(Self.batch)
    }

    /// The time of the first frame, before any event.
    func start(at time: Instant) { formatter.start(at: time) }

    func take(_ event: Event) {
        guard Formatter.takes(event) else { return }
        filling.append(event)
        fillingBytes += event.footprint
        if filling.count >= Self.batch || fillingBytes >= Self.batchBytes { handOver() }
    }

    /// Writes the rest; returns the formatter in its final state.
    func finish() throws(Failure) -> Formatter {
        handOver()
        isWriting.wait()
        if let trouble { throw trouble }
        formatter.finish(to: sink)
        try output.drain(sink)
        return formatter
    }

    private func handOver() {
        isWriting.wait()
        failure = trouble
        swap(&filling, &writing)
        fillingBytes = 0
        queue.async(group: isWriting) { self.write() }
    }

    private func write() {
        for event in writing where trouble == nil {
            formatter.write(event, frame: RawSpan(), plaintext: RawSpan(), to: sink)
            guard sink.count >= Self.blockLength else { continue }
            do throws(Failure) { try output.drain(sink) } catch { trouble = error }
        }
        writing.removeAll(keepingCapacity: true)
    }
}
