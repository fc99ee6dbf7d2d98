// The headers of libpcap bring `timespec` with them, so the compiler takes it for theirs.
import CPcap
import Glibc
import ScopeWire

/// The time of day, which only sources that wait may ask for.
enum SystemClock {
    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
