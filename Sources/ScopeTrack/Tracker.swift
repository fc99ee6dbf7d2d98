import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows what crosses the wire and tells it as events.
public final class Tracker {
    /// Takes an event with the bytes that its offsets count in, and the plaintext.
    public typealias Receiver = (_ event: Event, _ bytes: RawSpan, _ plaintext: RawSpan) -> Void

    private let receive: Receiver

    public init(unsealer: any Unsealer, limits: Limits = Limits(), receive: @escaping Receiver) {
        self.receive = receive
    }

    /// Takes in one item of a capture; `bytes` are a frame's, empty for other items.
    public func follow(_ item: CaptureItem, _ bytes: RawSpan) {}

    /// The capture has ended: tells what only its end shows.
    public func finish() {}
}
