import Dispatch
import ScopeDissect
import ScopeModel
import ScopeWire
import Synchronization

/// Reads frames ahead of their turn, so that several threads can open the ESP packets among them.
///
/// Everything else happens as without it, frame by frame and in order: what was opened ahead is there when the turn of
/// its frame comes, and is thrown away if the keys of its SA changed meanwhile. Of two blocks of frames, one is opened
/// while the other one is followed and filled anew; whoever follows lends a hand before a block's turn comes.
final class ReadAhead {
    /// Follows a frame whose turn has come, with what is known of it already.
    typealias Follow = (
        _ frame: Frame, _ datagram: Datagram, _ isDissected: Bool, _ opened: OpenedAhead?, _ bytes: RawSpan
    ) -> Void

    private var filling: FrameBlock
    /// Its packets are being opened.
    private var opening: FrameBlock
    private let jobs: Int
    private let queue = DispatchQueue.global()

    /// - Parameter jobs: threads, the calling one included.
    init(jobs: Int) {
        self.jobs = jobs
        filling = FrameBlock()
        opening = FrameBlock()
    }

    var isEmpty: Bool { filling.frames.isEmpty && opening.frames.isEmpty }

    /// False for a frame that is larger than a block.
    func takes(_ bytes: RawSpan) -> Bool { bytes.byteCount <= FrameBlock.capacity }

    /// False where the block is full: then those of the block before it must have their turn first.
    func hasRoom(for bytes: RawSpan) -> Bool { filling.hasRoom(for: bytes) }

    /// Takes in a frame; `ipsec` knows what may open its packet ahead.
    func add(_ frame: Frame, _ bytes: RawSpan, _ ipsec: IPsecTracker) { filling.add(frame, bytes, ipsec) }

    /// All frames have their turn.
    func finish(_ follow: Follow) {
        turn(follow)
        turn(follow)
    }

    /// The frames of the block before this one have their turn, and this one is opened meanwhile.
    func turn(_ follow: Follow) {
        opening.open(thread: 0)
        opening.helpers.wait()
        swap(&filling, &opening)
        // What was filled is opened by the others while what was opened is followed here.
        if opening.tasks.count > 1 {
            for thread in 1..<jobs {
                let block = opening
                queue.async(group: block.helpers) { block.open(thread: thread) }
            }
        }
        filling.follow(follow)
    }
}

/// Frames that are read ahead, with copies of their bytes, and the ESP packets among them that are opened ahead.
private final class FrameBlock: @unchecked Sendable {
    struct Entry {
        var frame: Frame
        /// What the frame carries, where `isDissected`; else its turn will show why not.
        var datagram = Datagram.none
        var isDissected = false
        var bytes: Range<Int>
        /// Which of the tasks; nil for a frame that has none.
        var task: Int?
    }

    struct Task {
        /// One of `held`: counting references in several threads at once would cost more than the rest.
        var lane: Unmanaged<OpeningLane>
        /// Where the frame begins in the block's bytes.
        var frame: Range<Int>
        /// In the frame, from the SPI to the ICV.
        var esp: Range<Int>
        /// One of `buffers`.
        var plaintext: Unmanaged<PlaintextBuffer>
    }

    /// Bytes of all frames together.
    static let capacity = 1 << 19
    private static let mostFrames = 512
    /// How many tasks a thread takes at a time.
    private static let stride = 8
    /// What a packet's buffer has room for at first: what fits an Ethernet frame.
    private static let room = PlaintextBuffer.headroom + 1536 + 64

    // Blocks are filled by one thread while no other one looks, so that checking each access would guard nothing.
    @exclusivity(unchecked) private(set) var frames: [Entry] = []
    @exclusivity(unchecked) private(set) var tasks: [Task] = []
    @exclusivity(unchecked) private var used = 0
    @exclusivity(unchecked) private var held: [OpeningLane] = []
    /// The last of them.
    @exclusivity(unchecked) private var last: UnsafeMutableRawPointer?
    @exclusivity(unchecked) private var buffers: [PlaintextBuffer] = []
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: FrameBlock.capacity, alignment: 64)
    private let openings = UnsafeMutablePointer<ESPOpening>.allocate(capacity: FrameBlock.mostFrames)
    private let next = Atomic<Int>(0)
    /// The other threads at work on it.
    let helpers = DispatchGroup()

    init() {
        openings.initialize(repeating: ESPOpening(.noKey), count: Self.mostFrames)
        frames.reserveCapacity(Self.mostFrames)
        tasks.reserveCapacity(Self.mostFrames)
    }

    deinit {
        bytes.deallocate()
        openings.deinitialize(count: Self.mostFrames)
        openings.deallocate()
    }

    // MARK: Filling

    func hasRoom(for bytes: RawSpan) -> Bool {
        frames.count < Self.mostFrames && bytes.byteCount <= Self.capacity - used
    }

    func add(_ frame: Frame, _ span: RawSpan, _ ipsec: IPsecTracker) {
        let place = used..<(used + span.byteCount)
        span.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[place]).copyMemory(from: $0) }
        used = place.upperBound
        frames.append(Entry(frame: frame, bytes: place))
        let index = frames.count - 1
        frames[index].isDissected = (try? FrameDissector.dissect(frame, span, into: &frames[index].datagram)) ?? false
        guard frames[index].isDissected, !frames[index].datagram.isCut,
            let esp = Self.esp(frames[index].datagram, span)
        else { return }
        frames[index].task = add(
            esp, from: frames[index].datagram.source, to: frames[index].datagram.destination, at: place, span,
            for: ipsec)
    }

    /// What may be ESP; the tracker decides, when the frame's turn has come.
    private static func esp(_ datagram: Datagram, _ span: RawSpan) -> Range<Int>? {
        switch datagram.content {
        case .esp(let range): range
        case .udp(let source, let destination, let payload): source == 500 || destination == 500 ? nil : payload
        case .tcp, .ah, .icmpError, .fragment, .other: nil
        }
    }

    private func add(
        _ esp: Range<Int>, from source: IPAddress, to destination: IPAddress, at place: Range<Int>, _ span: RawSpan,
        for ipsec: IPsecTracker
    ) -> Int? {
        var reader = ByteReader(span, in: esp, limit: .ip)
        guard let spi = try? reader.u32(span, "SPI"),
            let lane = ipsec.lane(spi: spi, source: source, destination: destination)
        else { return nil }
        let index = tasks.count
        let needed = PlaintextBuffer.headroom + esp.count + 64
        if index == buffers.count {
            buffers.append(PlaintextBuffer(capacity: max(needed, Self.room)))
        } else if buffers[index].count < needed {
            buffers[index] = PlaintextBuffer(capacity: needed)
        }
        if lane.toOpaque() != last {
            last = lane.toOpaque()
            held.append(lane.takeUnretainedValue())
        }
        tasks.append(
            Task(lane: lane, frame: place, esp: esp, plaintext: .passUnretained(buffers[index])))
        return index
    }

    // MARK: Opening

    /// Opens packets until none is left that no thread has taken.
    func open(thread: Int) {
        tasks.withUnsafeBufferPointer { tasks in
            while true {
                let first = next.add(Self.stride, ordering: .relaxed).oldValue
                guard first < tasks.count else { return }
                for index in first..<min(first + Self.stride, tasks.count) {
                    let span = UnsafeRawBufferPointer(rebasing: bytes[tasks[index].frame]).bytes
                    openings[index] = tasks[index].lane._withUnsafeGuaranteedRef { lane in
                        tasks[index].plaintext._withUnsafeGuaranteedRef { plaintext in
                            lane.openers[thread].open(span, esp: tasks[index].esp, into: plaintext)
                        }
                    }
                }
            }
        }
    }

    // MARK: Following

    /// Has all frames followed, and is empty then.
    func follow(_ follow: ReadAhead.Follow) {
        for index in frames.indices {
            let opened = frames[index].task.map {
                OpenedAhead(lane: tasks[$0].lane, opening: openings[$0], plaintext: tasks[$0].plaintext)
            }
            follow(
                frames[index].frame, frames[index].datagram, frames[index].isDissected, opened,
                UnsafeRawBufferPointer(rebasing: bytes[frames[index].bytes]).bytes)
        }
        frames.removeAll(keepingCapacity: true)
        tasks.removeAll(keepingCapacity: true)
        held.removeAll(keepingCapacity: true)
        last = nil
        used = 0
        next.store(0, ordering: .relaxed)
    }
}
