import Glibc
import IKEScope
import ScopeCapture
import ScopeConfig
import ScopeCrypto
import ScopeModel
import ScopeWire

/// One run: everything is open, and nothing has been read yet.
final class Session {
    let output: Output
    let configuration: Configuration
    let keys: [KeyFile]
    private let candidates: CandidateSearch?
    let source: any CaptureSource
    /// The number of its first file among all files that are read.
    let firstFile: Int
    let sink = ByteSink()
    let page = FaultGuard.page
    /// The number of frames that were read.
    private(set) var frames = 0

    /// The reason why the output before a wait could not be written.
    private var stuck: Failure?

    /// The number of bytes that are gathered before they are written.
    private static let blockLength = 64 << 10
    /// The number of items after which output is written, even if more keeps coming.
    private static let itemsBetweenDrains = 4096

    /// Opens the inputs before the output, so that a wrong name does not destroy an older output.
    ///
    /// An output file is private where there are keys, because what they opened is for the user alone.
    init(_ configuration: Configuration) throws(Failure) {
        self.configuration = configuration
        let successor = try Privileges.successor(configuration.user)
        keys = try Self.load(configuration.keys, isQuiet: configuration.isQuiet)
        candidates = try Self.candidates(configuration, isQuiet: configuration.isQuiet)
        Signals.watch()
        source = try Self.open(configuration)
        firstFile = FaultGuard.register(configuration.input)
        try Self.checkOverlap(configuration)
        try Privileges.become(successor)
        output = try Output(configuration.output, isPrivate: configuration.hasKeys)
        // Everything is open. No thread reads an interface before the first call of `source.next`.
    }

    /// Creates one of several runs with the same output, whose keys and capture are open already.
    init(_ configuration: Configuration, keys: [KeyFile], source: OpenCapture, output: Output) {
        self.configuration = configuration
        self.keys = keys
        candidates = nil
        self.source = source.source
        firstFile = source.firstFile
        self.output = output
    }

    /// Another capture beside that of the run; nothing was read of it yet.
    struct OpenCapture {
        fileprivate let source: any CaptureSource
        fileprivate let firstFile: Int

        init(_ configuration: Configuration) throws(Failure) {
            Signals.watch()
            source = try Session.open(configuration)
            firstFile = FaultGuard.register(configuration.input)
        }
    }

    /// Reads another capture to its end, with the keys of the run, and hands on its events.
    func read(_ other: OpenCapture, _ receive: @escaping (Event) -> Void) throws(Failure) {
        beginGuarded()
        let analyzer = Analyzer(keys: keys, candidates: candidates, conditions: configuration.conditions) {
            event, _, _ in receive(event)
        }
        do throws(CaptureError) {
            while !isAtLast, let item = try other.source.next() {
                guard isTaken(item, other.source, other.firstFile) else { continue }
                other.source.withBytes { analyzer.follow(item, $0, comment: other.source.comment) }
            }
        } catch { throw Failure(error) }
        analyzer.finish()
    }

    /// Reads the input to its end, or as far as it is wanted, and writes what `formatter` makes of it.
    ///
    /// `configs` and `comparison` are for the diagnosis, if the formatter needs one; returns what was found then.
    /// `notice` is what the formatter has to say to the user beside its output.
    @discardableResult
    func run<Formatter: EventFormatter>(
        _ formatter: Formatter, configs: [IOSConfig] = [], comparison: TapComparison? = nil,
        notice: (Formatter) -> String? = { _ in nil }
    ) throws(Failure) -> Report? {
        guard !Formatter.needs.isDisjoint(with: [.state, .report]) else {
            try finish(try follow(formatter, notice))
            return nil
        }
        let diagnosis = Diagnosis(comparison: comparison, configs: configs)
        try finish(try follow(Supplied(formatter, diagnosis: diagnosis)) { notice($0.formatter) })
        return Formatter.needs.contains(.report) ? diagnosis.report() : nil
    }

    private func finish(_ complaint: CaptureError?) throws(Failure) {
        try output.close()
        if let complaint { throw Failure(complaint) }
    }

    /// Does the same, but leaves the output open; returns the error that ended the input early.
    func follow<Formatter: EventFormatter>(
        _ formatter: Formatter, _ notice: (Formatter) -> String? = { _ in nil }
    ) throws(Failure) -> CaptureError? {
        beginGuarded()
        if jobs > 1, Formatter.needs.isEmpty, !output.isTerminal { return try followInTwo(formatter, notice) }
        var formatter = formatter
        let sink = sink
        // One or the other, so that nothing is asked with each event.
        let receive: Analyzer.Receiver =
            Formatter.needs.contains(.bytes)
            ? { formatter.write($0, frame: $1, plaintext: $2, to: sink) }
            : { event, _, _ in formatter.write(event, frame: RawSpan(), plaintext: RawSpan(), to: sink) }
        let analyzer = Analyzer(
            keys: keys, candidates: candidates, conditions: configuration.conditions, jobs: jobs,
            watchesClear: Formatter.watchesClear, receive: receive)
        formatter.connect(standing: { [weak analyzer] in analyzer?.standing($0) })
        if source.hasSeveralFiles { formatter.connect(places: { [source] in source.place(ofFrame: $0) }) }
        defer { tellStatistics() }
        let complaint = try read(into: analyzer) {
            formatter.start(at: $0)
        } pass: {
            formatter.pass(to: $0, sink: sink)
        }
        noteEnd()
        analyzer.finish()
        formatter.finish(to: sink)
        if let statistics = source.statistics { formatter.close(statistics, to: sink) }
        try output.drain(sink)
        if let line = notice(formatter), !configuration.isQuiet { Complaint.say(line) }
        return complaint
    }

    /// Does the same with a second thread that writes.
    private func followInTwo<Formatter: EventFormatter>(
        _ formatter: Formatter, _ notice: (Formatter) -> String?
    ) throws(Failure) -> CaptureError? {
        let desk = WritingDesk(formatter, output)
        let analyzer = Analyzer(
            keys: keys, candidates: candidates, conditions: configuration.conditions, jobs: jobs
        ) { event, _, _ in desk.take(event) }
        let complaint = try read(into: analyzer) {
            desk.start(at: $0)
        } pass: { _ in
        } failure: {
            desk.failure
        }
        noteEnd()
        analyzer.finish()
        let written = try desk.finish()
        if let line = notice(written), !configuration.isQuiet { Complaint.say(line) }
        return complaint
    }

    /// Reads the input only for the keys that open it; returns the error that ended it early.
    func gather(_ export: KeyExport) throws(Failure) -> CaptureError? {
        beginGuarded()
        let analyzer = Analyzer(keys: keys, candidates: candidates, export: export, jobs: jobs) { _, _, _ in }
        defer { tellStatistics() }
        let complaint = try read(into: analyzer) { _ in
        } pass: { _ in
        }
        noteEnd()
        analyzer.finish()
        return complaint
    }

    /// Returns the error that ended the input, if there was one; what came before it is still reported.
    ///
    /// `start` gets the time of the first frame, and `pass` each time up to which nothing came. `failure` returns the
    /// reason why output cannot be written.
    private func read(
        into analyzer: Analyzer, start: (Instant) -> Void, pass: (Instant) -> Void,
        failure: () -> Failure? = { nil }
    ) throws(Failure) -> CaptureError? {
        var isFirst = true
        // Where frames are awaited, output is written as soon as none is available.
        let drainLength = output.isTerminal && !isAwaited ? 1 : Self.blockLength
        var itemsToDrain = Self.itemsBetweenDrains
        source.beforeWaiting = { [unowned self] in drainBeforeWaiting() }
        defer { source.beforeWaiting = nil }
        var meter = ExtentMeter(configuration.extent, usesClock: configuration.input.isGrowing)
        var bar = ProgressBar(source, output: output, isQuiet: configuration.isQuiet)
        defer { bar?.erase() }
        while true {
            if isAtLast { return nil }
            let next: CaptureItem?
            do throws(CaptureError) { next = try source.next() } catch { return error }
            if let stuck { throw stuck }
            guard let item = next, meter.includes(item) else { return nil }
            if isFirst, case .frame(let frame) = item {
                start(frame.time)
                isFirst = false
            }
            if case .frame = item { frames += 1 }
            if isTaken(item, source, firstFile) {
                source.withBytes { analyzer.follow(item, $0, comment: source.comment) }
            }
            if case .quiet(let time) = item { pass(time) }
            itemsToDrain -= 1
            if sink.count >= drainLength || itemsToDrain == 0 { try output.drain(sink) }
            if itemsToDrain == 0 { itemsToDrain = Self.itemsBetweenDrains }
            if let failure = failure() { throw failure }
            bar?.advance(source, output: output)
            if meter.isFull(after: item) {
                Signals.stop.raise()
                source.leave()
            } else if meter.isOver {
                Signals.stop.raise()
            }
            // A live source still returns frames and losses after a stop, and then ends by itself.
            if Signals.stop.isRaised, !configuration.input.isLive { return nil }
        }
    }

    /// Writes the output so far before the source waits for more.
    private func drainBeforeWaiting() {
        guard stuck == nil else { return }
        do throws(Failure) { try output.drain(sink) } catch {
            stuck = error
            // The source need not wait for frames whose output cannot be written.
            Signals.stop.raise()
        }
    }

    /// Reports the statistics of a live run; losses are reported even with --quiet.
    private func tellStatistics() {
        source.leave()
        guard let statistics = source.statistics, statistics.dropped > 0 || !configuration.isQuiet else { return }
        let advice = statistics.droppedByKernel > 0 ? " (-B gives a larger buffer, -f a narrower filter)" : ""
        Complaint.say("\(statistics)\(advice)")
    }

    /// The number of threads for ESP: one where the output of a frame must not wait for the next frame.
    var jobs: Int { isAwaited || FaultGuard.usesOneThread ? 1 : configuration.threads }

    /// Whether the next item may take long, so that output must be written now.
    private var isAwaited: Bool {
        if configuration.input.isGrowing { return true }
        // A pipe has no size, and its writer may be live.
        return source.progress.map { $0.total == nil } ?? false
    }
}
