import ScopeWire

/// How much of the input is wanted.
struct Extent {
    /// Frames; nil: all.
    var count: Int?
    /// Nanoseconds; nil: all.
    var duration: Int64?
}

/// Tells when enough has been read.
///
/// Time is the clock's where frames are awaited, and the frames' own in a file, which may be read in no time at all.
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

    /// False when `item` lies behind the end.
    mutating func includes(_ item: CaptureItem) -> Bool {
        guard !usesClock, let duration = extent.duration, case .frame(let frame) = item else { return true }
        let start = first ?? frame.time
        first = start
        return frame.time.since(start) < duration
    }

    /// Counts `item`, which was read; true when it is the last of as many as are wanted.
    mutating func isFull(after item: CaptureItem) -> Bool {
        if case .frame = item { frames += 1 }
        return extent.count.map { frames >= $0 } ?? false
    }

    /// True when the time is over for which frames are awaited.
    var isOver: Bool {
        guard usesClock, let duration = extent.duration else { return false }
        return MonotonicClock.now() &- started >= UInt64(duration)
    }
}
