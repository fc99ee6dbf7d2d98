import ScopeCapture
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeTrack
import ScopeWire

/// The library's front door: frames and keys in, events out.
public final class Analyzer {
    /// Takes in an event, the bytes that come with it, and the plaintext of an ESP packet.
    public typealias Receiver = Tracker.Receiver

    private let tracker: Tracker
    /// Whether the conditions let an event through that is no part of the run.
    private let shows: (Event) -> Bool

    /// Hands each event that `conditions` let through to `receive`, in order.
    ///
    /// Conditions hide events, they do not blind: what is hidden is followed all the same. A session that matches late
    /// is handed on from its beginning: its earlier events come right before the first one that matches.
    /// `candidates` are tried where no pre-shared key of `keys` fits; `export` takes in the keys that prove themselves. `jobs` threads
    /// verify and decrypt ESP: with more than one, events may come some hundred frames late, and all by `finish`.
    /// `watchesClear` looks at every other packet too, for those in the clear that an SA was made for.
    public init(
        keys: [KeyFile] = [], candidates: CandidateSearch? = nil, conditions: Conditions = Conditions(),
        limits: Limits = Limits(), export: KeyExport? = nil, jobs: Int = 1, watchesClear: Bool = false,
        receive: @escaping Tracker.Receiver
    ) {
        let filtered: Tracker.Receiver
        if conditions.all.isEmpty {
            filtered = receive
            shows = { _ in true }
        } else if conditions.needAddressesAlone {
            filtered = { event, bytes, plaintext in
                if conditions.matches(event.scope) || event.kind.concernsAll { receive(event, bytes, plaintext) }
            }
            shows = { conditions.matches($0.scope) || $0.kind.concernsAll }
        } else {
            let filter = ConditionFilter(conditions, limits: limits, receive: receive)
            filtered = { filter.take($0, $1, $2) }
            shows = { filter.shows($0) }
        }
        let ring = KeyRing(keys, export: export, jobs: jobs)
        ring.candidates = candidates
        tracker = Tracker(
            unsealer: ring, limits: limits, jobs: jobs, watchesClear: watchesClear, receive: filtered)
    }

    /// Takes in one item of a capture; `bytes` and `comment` are a frame's, empty for other items.
    @inline(__always)
    public func follow(_ item: CaptureItem, _ bytes: RawSpan, comment: String? = nil) {
        tracker.follow(item, bytes, comment: comment)
    }

    /// Tells how the IPsec SAs stand, as `finish` would if the capture ended now; changes nothing.
    public func standing(_ receive: (Event) -> Void) {
        tracker.standing { if shows($0) { receive($0) } }
    }

    /// The capture has ended: tells what only its end shows.
    public func finish() { tracker.finish() }

    /// Reads `source` to its end.
    public func run(_ source: any CaptureSource) throws(CaptureError) {
        defer { finish() }
        while let item = try source.next() {
            source.withBytes { follow(item, $0, comment: source.comment) }
        }
    }
}
