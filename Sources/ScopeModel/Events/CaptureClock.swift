import ScopeWire

/// Whether the time stamps of a capture tell the time.
///
/// A capture that was made from a hex dump (text2pcap), or that was rewritten, has stamps that are all the same, or that
/// only count its frames: a microsecond or less each.
public struct CaptureClock: Sendable {
    private var first: (number: Int, time: Instant)?
    /// Nanoseconds from each frame to the next.
    private var step: Int64?
    /// All stamps up to now are what the first one and the step say.
    private var isCounting = true
    private var latest = 0
    /// Frames that were looked at.
    public private(set) var frames = 0

    /// text2pcap counts in microseconds, and later releases in nanoseconds.
    private static let mostStep: Int64 = 1000
    /// No capture was made on the first day of 1970.
    private static let day: Int64 = 86_400_000_000_000

    public init() {}

    /// Takes in a frame; several calls for one frame count once.
    @inlinable public mutating func note(_ frame: Frame) { if mayBeNone { look(at: frame.number, frame.time) } }

    /// False once a stamp showed that there is a clock.
    public var mayBeNone: Bool { isCounting }

    @usableFromInline mutating func look(at number: Int, _ time: Instant) {
        guard let first else {
            first = (number, time)
            (latest, frames) = (number, 1)
            return
        }
        guard number > latest else { return }
        latest = number
        frames += 1
        let passed = time.since(first.time)
        let count = Int64(clamping: number - first.number)
        if let step {
            isCounting = passed == step &* count
        } else {
            isCounting = passed >= 0 && passed <= Self.mostStep &* count && passed % count == 0
            step = passed / count
        }
    }

    /// There is no clock: two frames of 1970, or three of any time, do not look alike by chance.
    public var isMissing: Bool {
        guard isCounting, let first else { return false }
        return frames >= 3 || frames == 2 && (0..<Self.day).contains(first.time.nanoseconds)
    }

    /// All stamps are the same, and do not even count the frames.
    public var isConstant: Bool { step == 0 }
}
