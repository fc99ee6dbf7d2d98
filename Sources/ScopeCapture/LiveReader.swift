import CPcap
import Dispatch
import Glibc
import ScopeWire

/// The thread that empties the kernel's buffer of an interface.
///
/// It copies each packet once, into a block of the queue. It does not wait for those who work on the packets, unless the
/// queue is full.
final class LiveReader: @unchecked Sendable {
    /// Packets that are read at once.
    private static let stride: Int32 = 256
    /// Packets after which the kernel is asked for its losses, also when traffic never pauses.
    private static let packetsBetweenCounts = 4096
    /// Milliseconds that a frame may be late beyond the kernel's delay, because the machine is busy.
    private static let tolerance: Int32 = 100

    private let handle: LiveHandle
    private let queue: FrameQueue
    private let stop: StopFlag
    private let delay: Int32
    private let notice: @Sendable (String) -> Void
    private let name: String
    /// The block that is filled; between two strides the queue has it.
    private var block: FrameBlock?
    private var packetsToCounts = packetsBetweenCounts
    private var lossTold: UInt64 = 0
    private var isDown = false
    private var lastTime = Instant(nanoseconds: .min)

    init(
        _ handle: LiveHandle, name: String, settings: LiveSettings, into queue: FrameQueue, stop: StopFlag,
        notice: @escaping @Sendable (String) -> Void
    ) {
        self.handle = handle
        self.name = name
        self.queue = queue
        self.stop = stop
        self.notice = notice
        delay = settings.delay
    }

    /// Starts the thread without a quality of service, because a high one raises the priority, which needs a privilege.
    func start() { DispatchQueue(label: "capturing").async { self.run() } }

    private func run() {
        var failure: CaptureError?
        do throws(CaptureError) {
            while !stop.isRaised, queue.hasReader { try turn() }
        } catch { failure = error }
        // Packets that have arrived by now belong to the run.
        readRest()
        queue.end(failure, handle.counters.update())
    }

    /// Reads what is there, or waits for more.
    private func turn() throws(CaptureError) {
        let before = SystemClock.now()
        guard try read() == 0 else { return }
        // A packet stamped so long before this look would have arrived.
        let late = Int64(delay + Self.tolerance) * 1_000_000
        hand(quietUntil: Instant(nanoseconds: before.nanoseconds &- late))
        try watchLink()
        handle.wait(StopFlag.pause)
    }

    /// Appends a stride of packets to the queue; returns their number.
    private func read() throws(CaptureError) -> Int {
        guard let first = queue.blockToFill() else { return 0 }
        block = first
        defer { if let block { queue.give(block) } }
        let count = try handle.read(most: Self.stride, Unmanaged.passUnretained(self).toOpaque()) {
            user, header, data in
            guard let user, let header, let data else { return }
            Unmanaged<LiveReader>.fromOpaque(user).takeUnretainedValue().take(header.pointee, data)
        }
        packetsToCounts -= count
        if packetsToCounts <= 0, let block { tellLosses(in: block) }
        return count
    }

    /// Copies a packet from the kernel's buffer, where it is gone afterwards.
    private func take(_ header: pcap_pkthdr, _ data: UnsafePointer<UInt8>) {
        guard var block else { return }
        let bytes = UnsafeRawBufferPointer(start: data, count: Int(header.caplen))
        if !block.hasRoom(for: bytes.count) {
            // A stride that was begun is completed, even if the queue is full by then.
            queue.give(block)
            block = FrameBlock(capacity: max(FrameBlock.usualCapacity, bytes.count + 64))
            self.block = block
        }
        let fraction = Int64(header.ts.tv_usec) &* (handle.isNanosecond ? 1 : 1000)
        lastTime = Instant(nanoseconds: Int64(header.ts.tv_sec) &* 1_000_000_000 &+ fraction)
        block.add(lastTime, originalLength: Int(header.len), bytes)
    }

    /// Notes that the kernel has no more at present.
    private func hand(quietUntil time: Instant) {
        guard let block = queue.blockToFill() else { return }
        let counts = tellLosses(in: block)
        block.addQuiet(time)
        queue.give(block, counts)
    }

    /// Appends the losses since the last report behind the packets that were read.
    @discardableResult
    private func tellLosses(in block: FrameBlock) -> FrameQueue.Counts {
        packetsToCounts = Self.packetsBetweenCounts
        let counts = handle.counters.update()
        let lost = counts.droppedByKernel &+ counts.droppedByInterface
        if lost > lossTold, block.hasRoom(for: 0) {
            block.addDropped(lost - lossTold)
            lossTold = lost
        }
        return counts
    }

    private func watchLink() throws(CaptureError) {
        switch handle.link.state {
        case .gone: throw .interfaceFailed(name, reason: LinkWatch.gone)
        case .down:
            if !isDown { notice("\(name): the interface is down; waiting until it is up again") }
            isDown = true
        case .up:
            if isDown { notice("\(name): the interface is up again") }
            isDown = false
        }
    }

    /// Reads the packets that the kernel took before the run was to stop, or before the interface went away.
    private func readRest() {
        let isShut = handle.shut()
        let stopped = SystemClock.now()
        let began = ContinuousClock.now
        // The kernel hands over the packets that it held back.
        let patience = Duration.milliseconds(Int64(delay + Self.tolerance))
        while queue.hasReader {
            let count = (try? read()) ?? 0
            let isOver = count == 0 ? ContinuousClock.now - began > patience : !isShut && lastTime > stopped
            if isOver { return }
            if count == 0 { handle.wait(10) }
        }
    }
}
