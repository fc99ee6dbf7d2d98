/// The high half of an extended sequence number, which is not on the wire (RFC 4303 section 2.2.1 and appendix A).
///
/// It is followed once an ICV proved it. Before that it is searched for: a capture may begin long after the SA did.
struct SequenceHigh {
    private var high: UInt32 = 0
    private var low: UInt32 = 0
    private var isKnown = false
    private var failures = 0
    private let searchesFar: Bool

    /// - Parameter searchesFar: false to search near zero alone.
    init(searchesFar: Bool = true) { self.searchesFar = searchesFar }

    /// What a packet whose ICV does not fit says of the key.
    enum Evidence {
        /// It decrypts to padding and contents that make sense, so that the high half is what is wrong.
        case speaksForKey
        case speaksAgainstKey
        /// Its contents can be read with any key, or with none: NULL, AH, GMAC.
        case silent
    }

    /// So many halves are tried on each of the first packets that fail, whatever the packets say: one may be damaged.
    private static let nearTrials: UInt32 = 256
    private static let firstPackets = 4
    /// On a packet that speaks for the key so many are tried, and twice as many on each later one.
    ///
    /// In all that is one sweep
    /// and the most likely part of another, for the packet with the right half may have been damaged.
    private static let firstFarTrials: UInt32 = 1 << 15
    private static let last: UInt32 = 1 << 20
    private var farTrials = Self.firstFarTrials
    private var farLeft = Self.last + (1 << 17)
    /// Where the search goes on with the next packet that speaks for the key.
    private var cursor = Self.nearTrials
    /// Where the contents say nothing, one of the first packets gets a sweep, and each later one goes on a little, until
    /// halves of some 2^48 sent packets were tried.
    ///
    /// A wrong key costs no more than that.
    private static let sweptPacket = 3
    private static let sweep: UInt32 = 1 << 17
    private static let blindLast: UInt32 = 1 << 16
    private var blindCursor = Self.nearTrials
    /// The search ends after so many packets: under a wrong key no high half fits.
    private static let mostFailures = 256

    /// Calls `check` with each likely high half until one is right; nil when none is.
    ///
    /// `search` does the same as `check`, many times for one packet; `evidence` is asked once at most.
    @inline(__always)
    mutating func find(
        low next: UInt32, _ check: (UInt32) -> Bool, evidence: () -> Evidence, search: (UInt32) -> Bool
    ) -> UInt32? {
        var guess = high
        if isKnown {
            if next < low, low - next > 1 << 31 { guess = high &+ 1 }
            if next > low, next - low > 1 << 31 { guess = high &- 1 }
        }
        if check(guess) { return note(guess, next) }
        return look(next, guess, evidence, search)
    }

    private mutating func look(
        _ next: UInt32, _ guess: UInt32, _ evidence: () -> Evidence, _ search: (UInt32) -> Bool
    ) -> UInt32? {
        guard failures < Self.mostFailures else { return nil }
        failures += 1
        if isKnown {
            // More than 2^31 packets may be missing, or a stray one may be old.
            for other in [guess &+ 1, guess &- 1, guess &+ 2] where search(other) { return note(other, next) }
            return nil
        }
        let evidence = searchesFar ? evidence() : .speaksAgainstKey
        if failures <= Self.firstPackets || evidence == .speaksForKey {
            for other in 0..<Self.nearTrials where other != guess && search(other) { return note(other, next) }
        }
        switch evidence {
        case .speaksAgainstKey: return nil
        case .speaksForKey:
            let trials = min(farTrials, farLeft)
            let end = min(cursor + trials, Self.last)
            farLeft -= end - cursor
            farTrials = min(farTrials * 2, Self.last)
            let start = cursor
            cursor = end == Self.last ? Self.nearTrials : end
            for other in start..<end where search(other) { return note(other, next) }
        case .silent:
            if failures == Self.sweptPacket {
                for other in Self.nearTrials..<Self.sweep where search(other) { return note(other, next) }
                return nil
            }
            let start = blindCursor
            blindCursor = min(start + Self.nearTrials, Self.blindLast)
            for other in start..<blindCursor where search(other) { return note(other, next) }
        }
        return nil
    }

    private mutating func note(_ verifiedHigh: UInt32, _ verifiedLow: UInt32) -> UInt32 {
        // A late packet with an older number changes nothing.
        if !isKnown || verifiedHigh > high || verifiedHigh == high && verifiedLow > low {
            high = verifiedHigh
            low = verifiedLow
        }
        isKnown = true
        return verifiedHigh
    }
}
