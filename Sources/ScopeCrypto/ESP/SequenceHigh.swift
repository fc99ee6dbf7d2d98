/// The high half of an extended sequence number, which is not on the wire (RFC 4303 section 2.2.1 and appendix A).
///
/// Once an ICV proved one it is followed. Before that it is looked for: a capture may begin long after the SA did.
struct SequenceHigh {
    private var high: UInt32 = 0
    private var low: UInt32 = 0
    private var isKnown = false
    private var failures = 0
    /// Where the next packet that fails goes on looking.
    private var cursor: UInt32 = 0

    /// Tried on the first packet; then so many on each packet that fails, up to `last`, and then from the start.
    private static let firstTrials: UInt32 = 1 << 16
    private static let trials: UInt32 = 1 << 12
    private static let last: UInt32 = 1 << 20
    /// Tried on each packet that fails: most captures begin early, and the first packet may be a broken one.
    private static let nearTrials: UInt32 = 256
    /// Under a wrong key no high half fits: then it is enough some time.
    private static let mostFailures = 512

    /// Calls `check` with each high half that is worth a try until one is right; nil when none is.
    ///
    /// `search` does the same as `check`, many times for one packet.
    @inline(__always)
    mutating func find(
        low next: UInt32, _ check: (UInt32) -> Bool, search: (UInt32) -> Bool
    ) -> UInt32? {
        var guess = high
        if isKnown {
            if next < low, low - next > 1 << 31 { guess = high &+ 1 }
            if next > low, next - low > 1 << 31 { guess = high &- 1 }
        }
        if check(guess) { return note(guess, next) }
        return look(next, guess, search)
    }

    private mutating func look(_ next: UInt32, _ guess: UInt32, _ search: (UInt32) -> Bool) -> UInt32? {
        guard failures < Self.mostFailures else { return nil }
        failures += 1
        if isKnown {
            // More than 2^31 packets may be missing, or a stray one may be old.
            for other in [guess &+ 1, guess &- 1, guess &+ 2] where search(other) { return note(other, next) }
            return nil
        }
        for other in 0..<Self.nearTrials where other != guess && search(other) { return note(other, next) }
        let start = max(cursor, Self.nearTrials)
        let end = min(start + (failures == 1 ? Self.firstTrials : Self.trials), Self.last)
        for other in start..<end where search(other) { return note(other, next) }
        cursor = end == Self.last ? 0 : end
        return nil
    }

    private mutating func note(_ verifiedHigh: UInt32, _ verifiedLow: UInt32) -> UInt32 {
        // An old packet does not turn the clock back.
        if !isKnown || verifiedHigh > high || verifiedHigh == high && verifiedLow > low {
            high = verifiedHigh
            low = verifiedLow
        }
        isKnown = true
        return verifiedHigh
    }
}
