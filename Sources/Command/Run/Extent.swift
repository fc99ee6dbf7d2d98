import ScopeWire

/// How much of the input is read.
struct Extent {
    /// The number of frames; nil for all.
    var count: Int?
    /// The time in nanoseconds; nil for all.
    var duration: Int64?
}

/// Tells when enough has been read.
///
/// Time is that of the clock where frames are awaited, and that of the frames in a file.
struct ExtentMeter {
    private let extent: Extent
    private let usesClock: Bool
    private let started = MonotonicClock.now()
    private var frames = 0
    private var first: Instant?

    init(_ extent: Extent, usesClock: Bool) {
        self.extent = extent
        self.usesClock = usesClock
    }

    /// Whether `item` lies before the end.
    mutating func includes(_ item: CaptureItem) -> Bool {
        guard !usesClock, let duration = extent.duration, case .frame(let frame) = item else { return true }
        let start = first ?? frame.time
        first = start
        return frame.time.since(start) < duration
    }

    /// Counts `item`, which was read; returns whether it is the last one that is wanted.
    mutating func isFull(after item: CaptureItem) -> Bool {
        if case .frame = item { frames += 1 }
        return extent.count.map { frames >= $0 } ?? false
    }

    /// Whether the time for which frames are awaited is over.
    var isOver: Bool {
        guard usesClock, let duration = extent.duration else { return false }
        return MonotonicClock.now() &- started >= UInt64(duration)
    }
}
