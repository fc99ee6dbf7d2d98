/// How a packet's sequence number stands to those that came before it under its SPI.
///
/// Numbers have 64 bits: those of SAs with extended sequence numbers are put together from both halves.
public enum SequenceStep: Hashable, Sendable {
    /// It does not count: a second sighting.
    case uncounted
    /// Its ICV is wrong under a key that was right before, or only a part of it came: no receiver counts it, and yet it is
    /// not missing.
    case refused(UInt64)
    /// What came before does not count any more, since this is the first that a key proved; or nothing came before.
    case first(UInt64)
    /// Above all before it.
    case ahead(UInt64)
    /// Below the highest by `behind`, and not seen before.
    case late(behind: UInt64)
    /// Seen before.
    case duplicate(behind: UInt64)
    /// So far below the highest that it is not remembered whether it was seen.
    case forgotten(behind: UInt64)
}

/// What the sequence numbers under one SPI tell: loss, reordering, repeats, and what a receiver would have dropped.
public struct SequenceCounts: Hashable, Sendable {
    /// Sizes of replay windows, in packets, that `windows` has the drops of.
    public static let windowSizes: [UInt64] = [64, 128, 256, 512, 1024]

    /// What a receiver with one size of replay window drops (RFC 4303 section 3.4.3).
    public struct WindowDrops: Hashable, Sendable {
        /// Left of the window, whether seen before or not.
        public var tooOld = 0
        /// In the window, and seen before.
        public var duplicates = 0

        public init() {}

        public var all: Int { tooOld + duplicates }
    }

    public private(set) var lowest: UInt64 = 0
    public private(set) var highest: UInt64 = 0
    /// Different sequence numbers.
    public private(set) var distinct = 0
    public private(set) var duplicates = 0
    /// First copies that came after a higher number.
    public private(set) var late = 0
    /// Packets of which it is not known any more whether they are late or duplicates.
    public private(set) var forgotten = 0
    /// The farthest that a first copy came behind the highest.
    public private(set) var reorderingDistance: UInt64 = 0
    /// How often a sender began again at 1 under the same SPI.
    public private(set) var restarts = 0
    /// By `windowSizes`.
    public private(set) var windows = noDrops
    /// Shared by all that have none, of which there may be very many.
    private static let noDrops = [WindowDrops](repeating: WindowDrops(), count: windowSizes.count)
    /// The last number, when it was behind the highest.
    private var lastBehind: UInt64?
    /// Numbers of packets that came and that no receiver takes, the first ones; those behind them are counted alone.
    private var refused: [UInt64] = []
    private var moreRefused: UInt64 = 0
    private static let mostRefused = 256

    public init() {}

    /// Numbers between the lowest and the highest that did not come.
    public var lost: UInt64 {
        guard distinct > 0 else { return 0 }
        let span = (highest &- lowest).addingReportingOverflow(1)
        guard !span.overflow else { return .max }
        let open = span.partialValue - min(span.partialValue, UInt64(distinct))
        return open - min(open, present)
    }

    /// Numbers between the lowest and the highest of packets that came, and that no receiver takes.
    public var present: UInt64 {
        guard distinct > 0, !refused.isEmpty else { return 0 }
        return UInt64(Set(refused.lazy.filter { $0 >= lowest && $0 <= highest }).count) + moreRefused
    }

    public mutating func add(_ step: SequenceStep) {
        switch step {
        case .uncounted: break
        case .refused(let number):
            if refused.count < Self.mostRefused { refused.append(number) } else { moreRefused += 1 }
        case .first(let number):
            self = SequenceCounts()
            lowest = number
            highest = number
            distinct = 1
        case .ahead(let number):
            highest = number
            distinct += 1
            lastBehind = nil
            came(number)
        case .late(let distance):
            lowest = min(lowest, highest - min(distance, highest))
            distinct += 1
            came(highest - min(distance, highest))
            late += 1
            reorderingDistance = max(reorderingDistance, distance)
            behind(distance, isDuplicate: false)
        case .duplicate(let distance):
            duplicates += 1
            behind(distance, isDuplicate: true)
        case .forgotten(let distance):
            forgotten += 1
            behind(distance, isDuplicate: false)
        }
    }

    /// A packet with this number was taken, whatever came under it before.
    @inline(__always)
    private mutating func came(_ number: UInt64) {
        if !refused.isEmpty { refused.removeAll { $0 == number } }
    }

    private mutating func behind(_ distance: UInt64, isDuplicate: Bool) {
        let number = highest - min(distance, highest)
        for (index, size) in Self.windowSizes.enumerated() {
            if distance >= size {
                windows[index].tooOld += 1
            } else if isDuplicate {
                windows[index].duplicates += 1
            }
        }
        // The first two numbers in a row, from far back: no network repeats or delays like that.
        if lastBehind == 1, number == 2, distance >= Self.farBack { restarts += 1 }
        lastBehind = number
    }

    private static let farBack: UInt64 = 32
}
