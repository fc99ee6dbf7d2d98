/// The high half of an extended sequence number, which is not on the wire (RFC 4303 section 2.2.1 and appendix A).
///
/// Once an ICV proved one it is followed. Before that it is looked for: a capture may begin long after the SA did.
struct SequenceHigh {
    private var high: UInt32 = 0
    private var low: UInt32 = 0
    private var isKnown = false
    private var failures = 0
    private let firstTrials: UInt32

    init(searchesFar: Bool = true) { firstTrials = searchesFar ? Self.farTrials : Self.nearTrials }
    /// Where the next packet that fails goes on looking.
    private var cursor: UInt32 = 0

    /// So many are tried on each of the first packets that fail: one of them may be a broken one.
    private static let farTrials: UInt32 = 1 << 17
    private static let firstPackets = 4
    /// Then the first few again, and so many more on each, up to `last`, and from the start again.
    private static let nearTrials: UInt32 = 256
    private static let trials: UInt32 = 1 << 12
    private static let last: UInt32 = 1 << 20
    /// Under a wrong key no high half fits: then it is enough some time.
    private static let mostFailures = 256

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
        if failures <= Self.firstPackets {
            for other in 0..<firstTrials where other != guess && search(other) { return note(other, next) }
            cursor = firstTrials
            return nil
        }
        guard firstTrials == Self.farTrials else { return nil }
        for other in 0..<Self.nearTrials where other != guess && search(other) { return note(other, next) }
        let end = min(cursor + Self.trials, Self.last)
        for other in cursor..<end where search(other) { return note(other, next) }
        cursor = end == Self.last ? Self.nearTrials : end
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
