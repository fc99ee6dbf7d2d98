import ScopeWire

/// Several sources as one, in the order of time; of equal times the source named first goes first.
///
/// Each source is taken to be in the order of time. Frames are numbered anew, over all sources. When a source fails,
/// the others are read to their ends before its error is thrown.
public final class MergedSource: CaptureSource {
    private let sources: [any CaptureSource]
    /// The item of each source that waits for its turn; nil when the source has ended.
    private var heads: [Head?] = []
    private var failure: CaptureError?
    /// The source whose item was returned last, and must be replaced.
    private var last: Int?
    private var frames = 0
    private var origin = FrameOrigin(file: 0, number: 0)
    /// Source and index there of each interface.
    private var places: [(source: Int, index: Int)] = []
    /// Index into `places` of each source's interfaces.
    private var numbers: [[Int]]

    private struct Head {
        var item: CaptureItem
        var time: Instant
    }

    public init(_ sources: [any CaptureSource]) {
        self.sources = sources
        numbers = Array(repeating: [], count: sources.count)
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
        if heads.isEmpty {
            for source in sources.indices { heads.append(pull(source)) }
        } else if let last {
            heads[last] = pull(last)
        }
        last = nil
        var first: (source: Int, head: Head)?
        for (source, head) in heads.enumerated() {
            if let head, first.map({ head.time < $0.head.time }) ?? true { first = (source, head) }
        }
        guard let first else {
            defer { failure = nil }
            if let failure { throw failure }
            return nil
        }
        last = first.source
        guard case .frame(var frame) = first.head.item else { return first.head.item }
        origin = FrameOrigin(file: first.source, number: frame.number)
        frames += 1
        frame.number = frames
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

    private func pull(_ source: Int) -> Head? {
        do throws(CaptureError) {
            guard let item = try sources[source].next() else { return nil }
            switch item {
            case .frame(let frame): return Head(item: item, time: frame.time)
            case .quiet(let time): return Head(item: item, time: time)
            // A loss has no time, so it goes before the next item of its source.
            case .dropped: return Head(item: item, time: Instant(nanoseconds: .min))
            }
        } catch {
            failure = failure ?? error
            return nil
        }
    }

    private func number(of interface: Int, in source: Int) -> Int {
        if interface >= numbers[source].count { registerInterfaces(of: source) }
        return interface < numbers[source].count ? numbers[source][interface] : 0
    }

    private func registerInterfaces(of source: Int) {
        for index in numbers[source].count..<max(numbers[source].count, sources[source].interfaces.count) {
            numbers[source].append(places.count)
            places.append((source, index))
        }
    }
}
