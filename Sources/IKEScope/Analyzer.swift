import ScopeCapture
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeTrack
import ScopeWire

/// The library's front door: frames and keys in, events out.
public final class Analyzer {
    private let tracker: Tracker

    /// Hands each event that `conditions` let through to `receive`, in order.
    ///
    /// Conditions hide events, they do not blind: what is hidden is followed all the same.
    public init(
        keys: [KeyFile] = [], conditions: Conditions = Conditions(), limits: Limits = Limits(),
        receive: @escaping Tracker.Receiver
    ) {
        tracker = Tracker(unsealer: KeyRing(keys), limits: limits) { event, bytes, plaintext in
            if conditions.matches(event.scope) || event.kind.concernsAll { receive(event, bytes, plaintext) }
        }
    }

    /// Takes in one item of a capture; `bytes` are a frame's, empty for other items.
    public func follow(_ item: CaptureItem, _ bytes: RawSpan) { tracker.follow(item, bytes) }

    /// The capture has ended: tells what only its end shows.
    public func finish() { tracker.finish() }

    /// Reads `source` to its end.
    public func run(_ source: any CaptureSource) throws(CaptureError) {
        defer { finish() }
        while let item = try source.next() {
            source.withBytes { bytes in follow(item, bytes) }
        }
    }
}

extension Event.Kind {
    /// True for what is said of the capture as a whole.
    var concernsAll: Bool {
        switch self {
        case .captureLoss, .evicted: true
        default: false
        }
    }
}
