import ScopeWire

/// A piece of memory with frames and the other items of an interface's reader, one behind the other.
///
/// It belongs to one thread at a time: to the one that fills it, then to the one that reads it.
final class FrameBlock: @unchecked Sendable {
    /// The size of most blocks: room for many packets, and for several of the longest.
    static let usualCapacity = 1 << 20

    let capacity: Int
    private let base: UnsafeMutableRawPointer
    // Neither is handed out; a check of every access costs as much as the access.
    @exclusivity(unchecked) private var end = 0
    @exclusivity(unchecked) private var at = 0
    /// The place of the last entry if that is a stretch of silence, which another one may replace.
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

    /// Appends a frame that fits.
    func add(_ time: Instant, originalLength: Int, _ data: UnsafeRawBufferPointer) {
        let place = begin(Kind.frame, time.nanoseconds, data.count, originalLength)
        UnsafeMutableRawBufferPointer(start: base + place, count: data.count).copyMemory(from: data)
    }

    /// Notes that nothing came up to `time`; of several such entries in a row the last replaces the others.
    func addQuiet(_ time: Instant) {
        if let silence { end = silence }
        let start = end
        _ = begin(Kind.quiet, time.nanoseconds, 0, 0)
        silence = start
    }

    func addDropped(_ count: UInt64) { _ = begin(Kind.dropped, Int64(bitPattern: count), 0, 0) }

    /// Empties the block.
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
