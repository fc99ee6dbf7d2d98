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
    ///     | 0 with keys, 1 without | then for each frame: link and clock 1 | length 2 | bytes |
    public static let tracker = Contract(name: "FuzzTracker") { bytes in
        var input = Input(bytes)
        let count = Counter()
        let sink = ByteSink()
        let comparison = TapComparison(names: ("a", "b"))
        var diagnosis = Diagnosis(FindingCounter(count: count), comparison: comparison, limits: small)
        let analyzer = Analyzer(keys: input.byte() & 1 == 0 ? [try labKeys.get()] : [], limits: small) { event, _, _ in
            count.events += 1
            diagnosis.write(event, frame: [UInt8]().span.bytes, plaintext: [UInt8]().span.bytes, to: sink)
            if count.events & 3 != 0 { comparison.takeOther(event) }
        }
        var time: Int64 = 1_700_000_000_000_000_000
        while !input.isEmpty {
            let mode = input.byte()
            time &+= steps[Int(mode >> 5)]
            let bytes = input.piece()
            count.frames += 1
            guard mode & 0x1f != 0x1f else {
                analyzer.follow(.quiet(until: Instant(nanoseconds: time)), [UInt8]().span.bytes)
                continue
            }
            let frame = Frame(
                number: count.frames, time: Instant(nanoseconds: time), linkType: links[Int(mode & 3)],
                capturedLength: bytes.count, originalLength: bytes.count + (mode & 4 == 0 ? 0 : 8),
                interface: mode & 8 == 0 ? 0 : 1)
            analyzer.follow(.frame(frame), bytes.span.bytes)
        }
        analyzer.finish()
        diagnosis.finish(to: sink)
        try require(
            count.findings <= 64 * (count.frames + 1), "\(count.findings) findings from \(count.frames) frames")
        // A frame says a handful of things; the end says something of each SA and account, of which a frame makes few.
        try require(count.events <= 64 * (count.frames + 1), "\(count.events) events from \(count.frames) frames")
    }

    private struct FindingCounter: FindingFormatter {
        let count: Counter

        mutating func write(_ peers: [PeerOverview], _ findings: [Finding], to sink: ByteSink) {
            count.findings = findings.count
        }
    }

    private final class Counter {
        var findings = 0
        var events = 0
        var frames = 0
    }

    private static let links: [LinkType] = [.ethernet, .raw, .linuxSLL, .null]

    /// From a millisecond to an hour, and two steps back.
    private static let steps: [Int64] = [
        1_000_000, 0, 1_000_000_000, 20_000_000_000, 60_000_000_000, 3_600_000_000_000, -1_000_000, -60_000_000_000,
    ]

    /// Small tables, so that short inputs reach their bounds.
    private static let small: Limits = {
        var limits = Limits()
        limits.ikeSAs = 4
        limits.ipsecAccounts = 4
        limits.exchangesPerSA = 4
        limits.rememberedMessages = 8
        limits.ikeFragmentsPerSA = 4
        return limits
    }()

    /// Decoded once; its secrets are only read.
    private static nonisolated(unsafe) let labKeys = Result {
        try KeyFile(bytes: Array(LabKeys.text.utf8), path: "lab")
    }
}
