import ScopeModel

/// The sequence numbers seen lately under one SPI: tells of each packet whether it is new, late or a repeat.
///
/// Remembers the last 4096 numbers up to the highest, a bit each. They take memory from the second packet on, since there may
/// be very many SPIs with one packet each; nothing is allocated after that.
struct SequenceMemory {
    private var seen: [UInt64] = []
    private var isBegun = false
    private var lowest: UInt64 = 0
    private var highest: UInt64 = 0
    private var run: UInt64 = 0
    private var runs = 0
    private var longestRun: UInt64 = 0

    private static let size: UInt64 = 4096

    /// Forgets everything: the next number is the first one.
    mutating func restart() { self = SequenceMemory() }

    /// Takes in the number of a packet.
    mutating func see(_ number: UInt64) -> SequenceStep {
        guard isBegun else {
            isBegun = true
            lowest = number
            highest = number
            return .first(number)
        }
        if seen.isEmpty {
            seen = [UInt64](repeating: 0, count: Int(Self.size / 64))
            set(highest)
        }
        if number > highest {
            if number - highest == 1 {
                if number >= Self.size, number - Self.size >= lowest { retire(isSet(number)) }
                highest = number
            } else {
                advance(to: number)
            }
            set(number)
            return .ahead(number)
        }
        let behind = highest - number
        guard behind < Self.size else { return .forgotten(behind: behind) }
        if isSet(number) { return .duplicate(behind: behind) }
        set(number)
        lowest = min(lowest, number)
        return .late(behind: behind)
    }

    /// The number that a header with the low half `low` has, as far as the numbers before it tell.
    ///
    /// Only extended numbers go on beyond 32 bits; an SA without them ends there (RFC 4303 section 3.3.3).
    func extended(_ low: UInt32) -> UInt64 {
        guard isBegun else { return UInt64(low) }
        let base = highest & ~0xffff_ffff
        let last = UInt32(truncatingIfNeeded: highest)
        if last >= 0xc000_0000, low < 0x4000_0000, base < UInt64.max - 0xffff_ffff {
            return base + (1 << 32) + UInt64(low)
        }
        if base > 0, last < 0x4000_0000, low >= 0xc000_0000 { return base - (1 << 32) + UInt64(low) }
        return base + UInt64(low)
    }

    /// Whether the next packet may have the number `low`, some packets lost or not.
    func isFollowed(by low: UInt32) -> Bool {
        let number = extended(low)
        return isBegun && number > highest && number - highest <= Self.near
    }
    private static let near: UInt64 = 1024

    /// Runs of numbers that did not come, and the longest, up to now.
    var losses: (runs: Int, longest: UInt64) {
        guard !seen.isEmpty else { return (0, 0) }
        var copy = self
        var number = max(lowest, highest >= Self.size - 1 ? highest - (Self.size - 1) : 0)
        while number < highest {
            copy.retire(isSet(number))
            number += 1
        }
        copy.retire(true)
        return (copy.runs, copy.longestRun)
    }

    // MARK: -

    private mutating func advance(to number: UInt64) {
        let distance = number - highest
        var next = highest + 1
        // What leaves the memory is lost for good, or was there.
        let end = highest + min(distance, Self.size)
        while next <= end {
            // A word that holds none, all of it lost: jumps far ahead need not be made bit by bit.
            if next % 64 == 0, next >= Self.size, next - Self.size >= lowest, end - next >= 64,
                seen[Self.word(next)] == 0
            {
                run += 64
                next += 64
                continue
            }
            if next >= Self.size, next - Self.size >= lowest { retire(isSet(next)) }
            clear(next)
            if next == .max { break }
            next += 1
        }
        if distance > Self.size { run += distance - Self.size }
        highest = number
    }

    private mutating func retire(_ wasSeen: Bool) {
        if !wasSeen {
            run += 1
        } else if run > 0 {
            runs += 1
            longestRun = max(longestRun, run)
            run = 0
        }
    }

    @inline(__always)
    private func isSet(_ number: UInt64) -> Bool { seen[Self.word(number)] & Self.bit(number) != 0 }

    @inline(__always)
    private mutating func set(_ number: UInt64) { seen[Self.word(number)] |= Self.bit(number) }

    @inline(__always)
    private mutating func clear(_ number: UInt64) { seen[Self.word(number)] &= ~Self.bit(number) }

    private static func word(_ number: UInt64) -> Int { Int(truncatingIfNeeded: number / 64 % (size / 64)) }
    private static func bit(_ number: UInt64) -> UInt64 { 1 << (number % 64) }
}
