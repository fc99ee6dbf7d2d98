import Dispatch
import Synchronization

/// Looks for the pre-shared key of an IKE SA in a list of candidates, on several threads.
public final class CandidateSearch {
    public let list: PSKList
    private let jobs: Int
    /// Bytes of the list that a thread takes at a time.
    private static let block = 1 << 20
    /// A block for each thread, kept from one search to the next: there may be a search for each of very many IKE SAs.
    private var blocks: [UnsafeMutableRawBufferPointer] = []

    /// `jobs`: threads, 1 or more.
    public init(_ list: PSKList, jobs: Int) {
        self.list = list
        self.jobs = max(1, jobs)
    }

    deinit { for block in blocks { block.deallocate() } }

    struct Match {
        /// From 1.
        var line: Int
        var key: Secret
    }

    struct Outcome {
        /// The first line of the list that fits.
        var match: Match?
        /// Lines that the list has, up to the match.
        var lines: Int
    }

    /// The first line that `test` accepts; each thread makes a test of its own.
    func first(_ makeTest: () -> (any CandidateTest)?) -> Outcome {
        let pass = list.pass()
        let tests = (0..<jobs).compactMap { _ in makeTest() }
        guard tests.count == jobs else { return Outcome(match: nil, lines: 0) }
        // Blocks are handed out in order, and each thread finishes the one it has: the first match is among these.
        var matches = [Match?](repeating: nil, count: jobs)
        let isFound = Atomic<Bool>(false)
        while blocks.count < jobs { blocks.append(.allocate(byteCount: Self.block, alignment: 64)) }
        matches.withUnsafeMutableBufferPointer { matches in
            nonisolated(unsafe) let matches = matches
            nonisolated(unsafe) let tests = tests
            nonisolated(unsafe) let blocks = blocks
            DispatchQueue.concurrentPerform(iterations: jobs) { index in
                let block = blocks[index]
                while !isFound.load(ordering: .relaxed), let (count, line) = pass.next(into: block) {
                    let bytes = UnsafeRawBufferPointer(rebasing: block[..<count])
                    guard let match = Self.search(bytes, line, tests[index]) else { continue }
                    matches[index] = match
                    isFound.store(true, ordering: .relaxed)
                }
            }
        }
        let match = matches.compactMap { $0 }.min { $0.line < $1.line }
        return Outcome(match: match, lines: match?.line ?? pass.lines)
    }

    private static func search(_ bytes: UnsafeRawBufferPointer, _ firstLine: Int, _ test: any CandidateTest) -> Match? {
        var start = 0
        var line = firstLine
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let end = rest.firstIndex(of: 10) ?? rest.count
            var key = UnsafeRawBufferPointer(rebasing: rest[..<end])
            if key.last == 13 { key = UnsafeRawBufferPointer(rebasing: key.dropLast()) }
            if !key.isEmpty, test.fits(key) { return Match(line: line, key: Secret(copying: key)) }
            start += end + 1
            line += 1
        }
        return nil
    }
}

/// Says whether a pre-shared key is that of an IKE SA; used by one thread.
protocol CandidateTest: AnyObject {
    func fits(_ key: UnsafeRawBufferPointer) -> Bool
}
