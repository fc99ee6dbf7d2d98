import Glibc
import ScopeCapture
import ScopeModel

/// The progress through a large file: one line on the terminal, which is redrawn, and removed at the end.
struct ProgressBar {
    /// Smaller files are read too fast for a bar.
    private static let smallest: UInt64 = 64 << 20
    private static let nanosecondsBetween: UInt64 = 200_000_000
    /// Items between two looks at the clock.
    private static let stride = 512

    private let total: UInt64
    private let started = MonotonicClock.now()
    private var drawn = MonotonicClock.now()
    private var itemsToLook = Self.stride
    private var isVisible = false

    /// Nil where a bar would be of no use, or would disturb the results.
    init?(_ source: any CaptureSource, output: Output, isQuiet: Bool) {
        guard !isQuiet, let total = source.progress?.total, total >= Self.smallest, isatty(STDERR_FILENO) == 1,
            !output.isTerminal
        else { return nil }
        self.total = total
    }

    /// Called after each item.
    mutating func advance(_ source: any CaptureSource, output: Output) {
        itemsToLook -= 1
        guard itemsToLook <= 0 else { return }
        itemsToLook = Self.stride
        // The reader of a pipe (a pager, grep) mostly writes to the same terminal.
        if output.isPipe, !output.isUntouched { return erase() }
        let now = MonotonicClock.now()
        guard now &- drawn >= Self.nanosecondsBetween, let read = source.progress?.read else { return }
        drawn = now
        draw(read, seconds: Double(now &- started) / 1e9)
    }

    mutating func erase() {
        guard isVisible else { return }
        isVisible = false
        write("\r\u{1b}[K")
    }

    private mutating func draw(_ read: UInt64, seconds: Double) {
        isVisible = true
        let percent = min(100, Int(Double(read) / Double(total) * 100))
        let filled = percent * Self.width / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        let rate = Int(Double(read) / 1e6 / max(seconds, 0.001))
        write("\r\u{1b}[K[\(bar)] \(percent)% of \(total / 1_000_000) MB, \(rate) MB/s")
    }
    private static let width = 30

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// A clock that only goes forward, for the duration of the run.
enum MonotonicClock {
    /// Nanoseconds since an arbitrary time.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
