/// The high half of an extended sequence number, which is not on the wire (RFC 4303 section 2.2.1 and appendix A).
struct SequenceHigh {
    private var high: UInt32 = 0
    private var low: UInt32 = 0
    private var isKnown = false
    private var searches = 0

    /// A capture may begin after some 4 billion packets: so many high halves are tried on the first packets.
    private static let searched: UInt32 = 256

    /// Calls `check` with each high half that is worth a try until one is right.
    mutating func find(low next: UInt32, _ check: (UInt32) -> Bool) -> Bool {
        var guess = high
        if isKnown {
            if next < low, low - next > 1 << 31 { guess = high &+ 1 }
            if next > low, next - low > 1 << 31 { guess = high &- 1 }
        }
        if check(guess) {
            note(guess, next)
            return true
        }
        guard !isKnown, searches < 16 else { return false }
        searches += 1
        for other in 0..<Self.searched where other != guess && check(other) {
            note(other, next)
            return true
        }
        return false
    }

    private mutating func note(_ verifiedHigh: UInt32, _ verifiedLow: UInt32) {
        isKnown = true
        high = verifiedHigh
        low = verifiedLow
    }
}
