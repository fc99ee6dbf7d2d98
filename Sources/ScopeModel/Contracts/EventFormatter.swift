import ScopeWire

/// Turns the one stream of events into one kind of output.
///
/// It asks nothing of the tracker: what it needs is in the event, or the event is wrong. Beside the events a run has two
/// more products, the state and the report; a formatter that prints of them says so in `needs`, and is connected to them
/// before anything else.
public protocol EventFormatter: SendableMetatype {
    /// What the state that it prints of is kept in; `NoState` where it prints of none.
    associatedtype State: RunState = NoState

    /// What it needs beside the events: it is handed nothing else.
    static var needs: Needs { get }

    /// Called first, where it needs the state: `state` gives what all events amount to that were written so far.
    mutating func connect(state: @escaping () -> State)

    /// Called first, where it needs the report: `report` gives what was found in all events that were written so far.
    mutating func connect(report: @escaping () -> Report)

    /// Called first, where the run can tell how its IPsec SAs stand, for who asks for the report before the end.
    mutating func connect(standing: @escaping Standing)

    /// Called first, where several files are read as one: tells the file of a frame, and its number there.
    mutating func connect(places: @escaping FramePlaces)

    /// Writes one event. The spans hold the bytes that `event.material` names and the plaintext of an ESP packet, which
    /// the event's offsets point into; they are empty where there is none, or none is needed, and gone after the call.
    mutating func write(_ event: Event, frame: RawSpan, plaintext: RawSpan, to sink: ByteSink)

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
    public static var needs: Needs { .bytes }

    /// Whether packets in the clear are looked at too, for those that an SA was made for: only the report tells of them.
    public static var watchesClear: Bool { needs.contains(.report) }

    public mutating func connect(state: @escaping () -> State) {}

    public mutating func connect(report: @escaping () -> Report) {}

    public mutating func connect(standing: @escaping Standing) {}

    public mutating func connect(places: @escaping FramePlaces) {}

    public static func takes(_ event: Event) -> Bool { true }

    public mutating func start(at time: Instant) {}

    public mutating func pass(to time: Instant, sink: ByteSink) {}

    public mutating func close(_ statistics: CaptureStatistics, to sink: ByteSink) {}
}

/// Tells how the IPsec SAs of a run stand, in the events that its end would tell if it came now.
public typealias Standing = (_ receive: (Event) -> Void) -> Void

/// Tells in which of several files a frame lies, by its number over all of them, and its number there; nil where that is
/// not known.
public typealias FramePlaces = (_ frame: Int) -> (file: String, number: Int)?

/// What a formatter needs beside the events.
public struct Needs: OptionSet, Sendable {
    /// The bytes that come with an event: where they are not needed, an event may be written after they are gone.
    public static let bytes = Needs(rawValue: 1)
    /// The SAs as they stand.
    public static let state = Needs(rawValue: 2)
    /// What was found.
    public static let report = Needs(rawValue: 4)

    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// What events add up to, kept by the run for the formatters that print of it.
public protocol RunState {
    init()
    mutating func take(_ event: Event)
}

/// The state of a formatter that prints of events alone.
public struct NoState: RunState {
    public init() {}
    public mutating func take(_ event: Event) {}
}
