import ScopeFormatters
import ScopeModel
import ScopeTrack
import ScopeWire

/// Frames followed as if nothing in them were encrypted, with the transcript and the JSON of what comes of them.
public enum PlainRun {
    /// How many events there were, and how much was written of them; a trap is a trap.
    public static func follow(_ frames: [(frame: Frame, bytes: [UInt8])]) throws -> (events: Int, bytes: Int) {
        let sink = ByteSink(capacity: 1 << 12)
        var transcript = IOSDebugFormatter()
        var json = EventJSONFormatter()
        let counts = Counts()
        let tracker = Tracker(unsealer: PlainUnsealer(), limits: .small, jobs: 1, watchesClear: true) {
            counts.events += 1
            transcript.write($0, frame: $1, plaintext: $2, to: sink)
            json.write($0, frame: $1, plaintext: $2, to: sink)
            counts.drain(sink)
        }
        for made in frames { tracker.follow(.frame(made.frame), made.bytes.span.bytes) }
        tracker.finish()
        transcript.finish(to: sink)
        counts.drain(sink)
        if let violation = counts.violation { throw violation }
        return (counts.events, counts.bytes)
    }

    private final class Counts {
        var events = 0
        var bytes = 0
        var violation: Violation?

        func drain(_ sink: ByteSink) {
            bytes += sink.count
            do throws(Violation) {
                try sink.withBytes { (bytes) throws(Violation) in try PlainText.check(bytes) }
            } catch {
                violation = violation ?? error
            }
            sink.clear()
        }
    }
}
