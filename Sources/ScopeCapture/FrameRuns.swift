/// Which frames of several files have which numbers over all of them: a run for each piece of a file.
struct FrameRuns {
    private var runs: [(first: Int, origin: FrameOrigin)] = []
    private var isFull = false

    /// Files that change places with every packet make one for each.
    private static let most = 1 << 18

    /// Notes a frame; the numbers of one call follow those of the one before.
    mutating func note(_ number: Int, _ origin: FrameOrigin) {
        if let last = runs.last, last.origin.file == origin.file,
            origin.number - last.origin.number == number - last.first
        {
            return
        }
        isFull = isFull || runs.count >= Self.most
        if !isFull { runs.append((number, origin)) }
    }

    /// The file of a frame, and its number there; nil where that was not kept.
    func origin(of number: Int) -> FrameOrigin? {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].first <= number { low = middle + 1 } else { high = middle }
        }
        guard low > 0, !isFull || low < runs.count else { return nil }
        let run = runs[low - 1]
        return FrameOrigin(file: run.origin.file, number: run.origin.number + number - run.first)
    }
}
