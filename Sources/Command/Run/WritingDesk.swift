import Dispatch
import ScopeModel
import ScopeWire

/// A formatter and its output on a thread of their own: events are handed over in batches, one of which is written while
/// the next one fills.
///
/// Only for formatters that need no bytes beside the events: those are gone when the turn of an event comes.
final class WritingDesk<Formatter: EventFormatter>: @unchecked Sendable {
    /// How many events are handed over at once, and what they may hold.
    private static var batch: Int { 256 }
    private static var batchBytes: Int { 1 << 20 }
    private static var blockLength: Int { 64 << 10 }

    // The thread that hands over touches `filling` and `failure`; the others are the writing thread's between the hand-over
    // of a batch and the end of its group.
    @exclusivity(unchecked) private var filling: [Event] = []
    private var fillingBytes = 0
    /// Why nothing more can be written.
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

    /// Writes what is left; returns the formatter as it is then.
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
