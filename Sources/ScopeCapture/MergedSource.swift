import ScopeWire

/// Several sources as one, in the order of time; of equal times the source named first goes first.
///
/// Each source is taken to be in the order of time. Frames are numbered anew, over all sources. When a source fails,
/// the others are read to their ends before its error is thrown.
///
/// A source that begins when another one has ended goes on where that one was captured, as the files of a ring do: its
/// frames have the same interfaces. Sources whose times overlap are different places.
public final class MergedSource: CaptureSource {
    private let sources: [any CaptureSource]
    /// The items that wait for their turn, one of each source that has not ended.
    private var heads = HeadQueue()
    private var hasBegun = false
    private var failure: CaptureError?
    /// The source whose item was returned last, and must be replaced.
    private var last: Int?
    private var frames = 0
    private var origin = FrameOrigin(file: 0, number: 0)
    /// Source and index there of each interface.
    private var places: [(source: Int, index: Int)] = []
    /// Index into `places` of each source's interfaces.
    private var numbers: [[Int]]
    private var rings: CaptureRings
    private var runs = FrameRuns()
    private let names: [String]

    public init(_ sources: [any CaptureSource]) {
        self.sources = sources
        numbers = Array(repeating: [], count: sources.count)
        names = sources.map { ($0 as? FileSource)?.name ?? "" }
        rings = CaptureRings(names: names)
        for source in sources.indices { registerInterfaces(of: source) }
    }

    public var interfaces: [CaptureInterface] {
        let lists = sources.map(\.interfaces)
        return places.map { lists[$0.source][$0.index] }
    }

    public var progress: CaptureProgress? {
        var sum = CaptureProgress(read: 0, total: 0)
        for source in sources {
            guard let part = source.progress else { continue }
            sum.read &+= part.read
            if let total = sum.total, let more = part.total { sum.total = total &+ more } else { sum.total = nil }
        }
        return sum
    }

    public func next() throws(CaptureError) -> CaptureItem? {
        if !hasBegun {
            hasBegun = true
            for source in sources.indices { pull(source) }
        } else if let last {
            pull(last)
        }
        last = nil
        guard let first = heads.takeFirst() else {
            defer { failure = nil }
            if let failure { throw failure }
            return nil
        }
        last = first.source
        guard case .frame(var frame) = first.item else { return first.item }
        origin = FrameOrigin(file: first.source, number: frame.number)
        frames += 1
        frame.number = frames
        runs.note(frames, origin)
        frame.interface = number(of: frame.interface, in: first.source)
        return .frame(frame)
    }

    public var bytes: UnsafeRawBufferPointer {
        last.map { sources[$0].bytes } ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    public var comment: String? { last.flatMap { sources[$0].comment } }

    public var beforeWaiting: (() -> Void)? {
        get { sources.first?.beforeWaiting }
        set { for source in sources { source.beforeWaiting = newValue } }
    }

    public func origin(of frame: Frame) -> FrameOrigin { origin }

    public var hasSeveralFiles: Bool { true }

    public func place(ofFrame number: Int) -> (file: String, number: Int)? {
        guard let found = runs.origin(of: number), names.indices.contains(found.file) else { return nil }
        return (names[found.file], found.number)
    }

    /// Has the next item of a source wait for its turn.
    private func pull(_ source: Int) {
        do throws(CaptureError) {
            guard let item = try sources[source].next() else { return rings.end(source) }
            let time =
                switch item {
                case .frame(let frame): frame.time
                case .quiet(let time): time
                // A loss has no time, so it goes before the next item of its source.
                case .dropped: Instant(nanoseconds: .min)
                }
            heads.add(HeadQueue.Head(item: item, time: time, source: source))
        } catch {
            failure = failure ?? error
            rings.end(source)
        }
    }

    private func number(of interface: Int, in source: Int) -> Int {
        if interface >= numbers[source].count { registerInterfaces(of: source) }
        guard interface < numbers[source].count else { return 0 }
        if rings.begins(source), let older = rings.predecessor(of: source, where: isAlike(source)) {
            for index in numbers[source].indices where index < numbers[older].count {
                numbers[source][index] = numbers[older][index]
            }
        }
        return numbers[source][interface]
    }

    /// Whether the interfaces of another source may be those of `source`: of a ring, each file says the same.
    private func isAlike(_ source: Int) -> (_ other: Int) -> Bool {
        let own = sources[source].interfaces
        return { [sources] other in
            let others = sources[other].interfaces
            return zip(own, others).allSatisfy {
                $0.name == $1.name && $0.description == $1.description && $0.linkType == $1.linkType
            }
        }
    }

    private func registerInterfaces(of source: Int) {
        for index in numbers[source].count..<max(numbers[source].count, sources[source].interfaces.count) {
            numbers[source].append(places.count)
            places.append((source, index))
        }
    }
}
