import ScopeWire

/// Frames and what comes between them, out of the bytes of a run: the form of all inputs that are followed.
///
///     | link and clock 1 | length 2 | bytes |
///
/// The length 0xffff stands for a frame that is longer than an input may be:
///
///     | link and clock 1 | 0xffff | blocks of 24 KB 1 | filling 4 | length 2 | its beginning | length 2 | its end |
struct Conversation {
    /// A step: what a capture source yields, with the bytes and the comment of a frame.
    struct Step {
        var item: CaptureItem
        var bytes: [UInt8] = []
        var comment: String?
    }

    private(set) var frames = 0
    /// Bytes of all frames.
    private(set) var length = 0
    private var time: Int64 = 1_700_000_000_000_000_000
    private var input: Input
    private var fillings = 0

    private static let block = 24 << 10
    /// More long frames than this would make a run slow.
    private static let mostFillings = 2

    init(_ input: Input) { self.input = input }

    /// The next step; nil at the end.
    mutating func next() -> Step? {
        guard !input.isEmpty else { return nil }
        let mode = input.byte()
        time &+= Self.steps[Int(mode >> 5)]
        let bytes = frame()
        switch mode & 0x1f {
        case 0x1f: return Step(item: .quiet(until: Instant(nanoseconds: time)))
        case 0x1e: return Step(item: .dropped(bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }))
        default: break
        }
        frames += 1
        length += bytes.count
        let frame = Frame(
            number: frames, time: Instant(nanoseconds: time), linkType: Self.links[Int(mode & 3)],
            capturedLength: bytes.count, originalLength: bytes.count + (mode & 4 == 0 ? 0 : 8),
            interface: mode & 8 == 0 ? 0 : 1)
        // A comment of whoever made the capture: as good as any are the bytes of the frame's end.
        let comment = mode & 0x10 == 0 ? nil : String(decoding: bytes.suffix(24), as: UTF8.self)
        return Step(item: .frame(frame), bytes: bytes, comment: comment)
    }

    private mutating func frame() -> [UInt8] {
        let count = input.number()
        guard count == 0xffff else { return input.piece(count: count) }
        let blocks = Int(input.byte() & 7) + 1
        let filling = input.piece(count: 4)
        let (head, tail) = (input.piece(), input.piece())
        fillings += 1
        guard fillings <= Self.mostFillings, filling.count == 4 else { return head + tail }
        var frame = head
        frame.reserveCapacity(head.count + blocks * Self.block + tail.count)
        for _ in 0..<(blocks * Self.block / 4) { frame += filling }
        return frame + tail
    }

    private static let links: [LinkType] = [.ethernet, .raw, .linuxSLL, .null]

    /// From a millisecond to an hour, and two steps back.
    private static let steps: [Int64] = [
        1_000_000, 0, 1_000_000_000, 20_000_000_000, 60_000_000_000, 3_600_000_000_000, -1_000_000, -60_000_000_000,
    ]
}
