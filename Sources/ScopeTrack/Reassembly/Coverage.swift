/// Which bytes of something that arrives in pieces are there: disjoint ranges in ascending order.
struct Coverage {
    private(set) var ranges: [Range<Int>] = []

    /// Up to the last byte that is there.
    var end: Int { ranges.last?.upperBound ?? 0 }

    func isComplete(_ total: Int) -> Bool { ranges.count == 1 && ranges[0] == 0..<total }

    /// The parts of `range` that are not there yet.
    func missing(from range: Range<Int>) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var at = range.lowerBound
        for known in ranges where known.upperBound > at {
            if known.lowerBound >= range.upperBound { break }
            if known.lowerBound > at { gaps.append(at..<known.lowerBound) }
            at = known.upperBound
        }
        if at < range.upperBound { gaps.append(at..<range.upperBound) }
        return gaps
    }

    /// True when a byte of `range` is there already.
    func overlaps(_ range: Range<Int>) -> Bool { ranges.contains { $0.overlaps(range) } }

    mutating func insert(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        // Pieces mostly arrive in order.
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            return
        }
        let from = ranges.firstIndex { $0.upperBound >= range.lowerBound } ?? ranges.count
        let to = ranges[from...].firstIndex { $0.lowerBound > range.upperBound } ?? ranges.count
        var merged = range
        if from < to {
            merged = min(range.lowerBound, ranges[from].lowerBound)..<max(range.upperBound, ranges[to - 1].upperBound)
        }
        ranges.replaceSubrange(from..<to, with: CollectionOfOne(merged))
    }
}
