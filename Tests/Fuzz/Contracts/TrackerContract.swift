import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeWire

extension Contract {
    /// Any frames, at any times, with keys and without, are followed to their end: a bounded number of events, and a
    /// bounded diagnosis of them, from one tap and as if from two.
    ///
    /// Time and memory are bounded by the fuzzer.
    ///
    ///     | 0 with keys, 1 without | the frames of a `Conversation` |
    public static let tracker = Contract(name: "FuzzTracker") { bytes in
        var input = Input(bytes)
        let count = Counter()
        let comparison = TapComparison(names: ("a", "b"))
        let diagnosis = Diagnosis(comparison: comparison, limits: .small)
        let keys = input.byte() & 1 == 0 ? [try LabKeys.file.get()] : []
        let analyzer = Analyzer(keys: keys, limits: .small) { event, _, _ in
            count.events += 1
            diagnosis.take(event)
            if count.events & 3 != 0 { comparison.takeOther(event) }
        }
        var conversation = Conversation(input)
        while let step = conversation.next() { analyzer.follow(step.item, step.bytes.span.bytes) }
        analyzer.finish()
        diagnosis.finish()
        let (findings, frames) = (diagnosis.report().findings.count, conversation.frames)
        try require(findings <= 64 * (frames + 1), "\(findings) findings from \(frames) frames")
        // A frame says a handful of things; the end says something of each SA and account, of which a frame makes few.
        try require(count.events <= 64 * (frames + 1), "\(count.events) events from \(frames) frames")
    }

    private final class Counter {
        var events = 0
    }
}
