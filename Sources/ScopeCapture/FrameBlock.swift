import ScopeWire

/// A piece of memory that frames, and what else the reader of an interface has to tell, lie in one behind the other.
///
/// One thread at a time has it: first the one that fills it, then the one that reads it.
final class FrameBlock: @unchecked Sendable {
    /// What most blocks hold: many packets, and the longest one several times.
    static let usualCapacity = 1 << 20

    let capacity: Int
    private let base: UnsafeMutableRawPointer
    // Neither is handed out; a check of every access costs as much as the access.
    @exclusivity(unchecked) private var end = 0
    @exclusivity(unchecked) private var at = 0
    /// Where the last entry stands if that is a stretch of silence, which another one may replace.
    @exclusivity(unchecked) private var silence: Int?

    enum Entry {
        /// The bytes lie at `data` until the block is emptied.
        case frame(time: Instant, originalLength: Int, data: UnsafeRawBufferPointer)
        case quiet(Instant)
        case dropped(UInt64)
    }

    private enum Kind {
        static let frame: UInt32 = 0
        static let quiet: UInt32 = 1
        static let dropped: UInt32 = 2
    }

    /// Before each entry: a time or a count, then kind, bytes kept, bytes on the wire, and nothing.
    private static let headLength = 24

    init(capacity: Int = usualCapacity) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// Whether a frame of so many bytes fits in.
    func hasRoom(for count: Int) -> Bool { Self.length(count) <= capacity - end }

    /// Takes in a frame that there is room for.
    func add(_ time: Instant, originalLength: Int, _ data: UnsafeRawBufferPointer) {
        let place = begin(Kind.frame, time.nanoseconds, data.count, originalLength)
        UnsafeMutableRawBufferPointer(start: base + place, count: data.count).copyMemory(from: data)
    }

    /// Nothing came up to `time`; the last of several such entries stands for all.
    func addQuiet(_ time: Instant) {
        if let silence { end = silence }
        let start = end
        _ = begin(Kind.quiet, time.nanoseconds, 0, 0)
        silence = start
    }

    func addDropped(_ count: UInt64) { _ = begin(Kind.dropped, Int64(bitPattern: count), 0, 0) }

    /// Forgets all, to be filled again.
    func clear() { (end, at, silence) = (0, 0, nil) }

    /// The next entry; nil when all were read.
    func next() -> Entry? {
        guard at < end else { return nil }
        let head = base + at
        let value = head.load(as: Int64.self)
        let kind = head.load(fromByteOffset: 8, as: UInt32.self)
        let kept = Int(head.load(fromByteOffset: 12, as: UInt32.self))
        let original = Int(head.load(fromByteOffset: 16, as: UInt32.self))
        let data = UnsafeRawBufferPointer(start: head + Self.headLength, count: kept)
        at += Self.length(kept)
        return switch kind {
        case Kind.frame: .frame(time: Instant(nanoseconds: value), originalLength: original, data: data)
        case Kind.quiet: .quiet(Instant(nanoseconds: value))
        default: .dropped(UInt64(bitPattern: value))
        }
    }

    /// Writes the head of an entry; returns where its bytes go.
    private func begin(_ kind: UInt32, _ value: Int64, _ kept: Int, _ original: Int) -> Int {
        let head = base + end
        head.storeBytes(of: value, as: Int64.self)
        head.storeBytes(of: kind, toByteOffset: 8, as: UInt32.self)
        head.storeBytes(of: UInt32(truncatingIfNeeded: kept), toByteOffset: 12, as: UInt32.self)
        head.storeBytes(of: UInt32(clamping: original), toByteOffset: 16, as: UInt32.self)
        let place = end + Self.headLength
        end += Self.length(kept)
        silence = nil
        return place
    }

    /// Bytes of an entry: the next one is aligned.
    private static func length(_ kept: Int) -> Int { (headLength + kept + 7) & ~7 }
}
