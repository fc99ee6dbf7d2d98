/// Which of several files go on where an earlier one was captured, as the files of a ring do.
///
/// The files of a ring follow each other; those of two taps overlap. So a file continues one that had ended before its own
/// first frame came, and that no other file has continued yet: of several the one whose name is most like its own.
struct CaptureRings {
    private let names: [[UInt8]]
    /// The files that have begun.
    private var begun: Set<Int> = []
    /// The files that have ended, and that no other one continues; in the order in which they ended.
    private var open: [Int] = []

    /// More rings at a time than anybody records.
    private static let most = 64

    init(names: [String]) { self.names = names.map { Array($0.utf8) } }

    /// Notes that a frame of `file` came; true for its first one.
    mutating func begins(_ file: Int) -> Bool { begun.insert(file).inserted }

    /// Notes that no more frames of `file` come.
    mutating func end(_ file: Int) {
        guard begun.contains(file) else { return }
        open.append(file)
        if open.count > Self.most { open.removeFirst() }
    }

    /// The file that `file`, which begins now, continues; it is given once.
    mutating func predecessor(of file: Int, where isAlike: (Int) -> Bool) -> Int? {
        let best = open.indices.filter { isAlike(open[$0]) }.max { a, b in
            (likeness(file, open[a]), a) < (likeness(file, open[b]), b)
        }
        return best.map { open.remove(at: $0) }
    }

    /// How many bytes the two names have in common from their beginning on.
    private func likeness(_ a: Int, _ b: Int) -> Int { zip(names[a], names[b]).prefix { $0 == $1 }.count }
}
