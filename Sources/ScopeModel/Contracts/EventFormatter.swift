import ScopeWire

/// Turns the one stream of events into one kind of output.
///
/// It asks nothing of the tracker: what it needs is in the event, or the event is wrong.
public protocol EventFormatter: SendableMetatype {
    /// Writes one event. The spans hold the bytes that `event.material` names and the plaintext of an ESP packet, which
    /// the event's offsets point into; they are empty where there is none and gone after the call.
    mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink)

    /// Whether `write` looks at the bytes that come with an event: where not, it may be called after they are gone.
    static var needsBytes: Bool { get }
    /// Whether it wants to know of packets in the clear that an SA was made for.
    static var watchesClear: Bool { get }

    /// False for an event that changes nothing in the output, so that it need not be written.
    static func takes(_ event: Event) -> Bool

    /// Called once, before the first event: the time of the first frame, which need not make one.
    mutating func start(at time: Instant)

    /// Nothing happened up to `time`: what waits for something to happen may give up waiting.
    mutating func pass(to time: Instant, sink: ByteSink)

    /// Called once after the last event, also when a live capture is interrupted.
    mutating func finish(to sink: ByteSink)

    /// Called at the very end of a live run: how complete it is.
    mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink)
}

extension EventFormatter {
    public static var needsBytes: Bool { true }
    public static var watchesClear: Bool { false }

    public static func takes(_ event: Event) -> Bool { true }

    public mutating func start(at time: Instant) {}

    public mutating func pass(to time: Instant, sink: ByteSink) {}

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {}
}
