/// A set of sequence numbers, as runs: what arrives in order takes no room.
struct NumberRuns {
    private(set) var runs: [ClosedRange<UInt32>] = []
    private static let most = 65_536

    /// Takes in a number; gives by how many the runs grew, and nil where there is no room for another one.
    @discardableResult
    mutating func insert(_ number: UInt32, hasRoom: Bool = true) -> Int? {
        if let last = runs.last, last.upperBound < .max, number == last.upperBound + 1 {
            runs[runs.count - 1] = last.lowerBound...number
            return 0
        }
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        if low < runs.count, runs[low].contains(number) { return 0 }
        let joinsBefore = low > 0 && runs[low - 1].upperBound < .max && runs[low - 1].upperBound + 1 == number
        let joinsAfter = low < runs.count && number < .max && runs[low].lowerBound == number + 1
        switch (joinsBefore, joinsAfter) {
        case (true, true):
            runs[low - 1] = runs[low - 1].lowerBound...runs[low].upperBound
            runs.remove(at: low)
            return -1
        case (true, false): runs[low - 1] = runs[low - 1].lowerBound...number
        case (false, true): runs[low] = number...runs[low].upperBound
        case (false, false):
            guard hasRoom, runs.count < Self.most else { return nil }
            runs.insert(number...number, at: low)
            return 1
        }
        return 0
    }

    var count: UInt64 { runs.reduce(0) { $0 + UInt64($1.upperBound - $1.lowerBound) + 1 } }

    /// Runs of numbers that are here and not in `other`.
    func missing(in other: NumberRuns) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var place = 0
        for run in runs {
            var next = UInt64(run.lowerBound)
            while place < other.runs.count, other.runs[place].upperBound < run.lowerBound { place += 1 }
            var at = place
            while at < other.runs.count, other.runs[at].lowerBound <= run.upperBound {
                let taken = other.runs[at]
                if UInt64(taken.lowerBound) > next { result.append(UInt32(next)...(taken.lowerBound - 1)) }
                next = max(next, UInt64(taken.upperBound) + 1)
                at += 1
            }
            if next <= UInt64(run.upperBound) { result.append(UInt32(next)...run.upperBound) }
        }
        return result
    }

    func count(without other: NumberRuns) -> UInt64 {
        missing(in: other).reduce(0) { $0 + UInt64($1.upperBound - $1.lowerBound) + 1 }
    }
}
