import ScopeWire

/// Frames as an interface sees them.
///
/// The kernel captures from `init` on. The reading thread starts with the first call of `next`, so that privileges can
/// be given up between the two.
public final class LiveSource: CaptureSource {
    public private(set) var interfaces: [CaptureInterface]
    public var progress: CaptureProgress? { nil }
    public var comment: String? { nil }
    public var beforeWaiting: (() -> Void)?
    public private(set) var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    private let name: String
    private let linkType: LinkType
    private var handle: LiveHandle
    /// Spare handles for processes that replace one that died, because the buffer of its handle is half read.
    private let spares: [LiveHandle]
    private let queue: FrameQueue
    private var reader: LiveReader
    private let makeReader: (LiveHandle) -> LiveReader
    @exclusivity(unchecked) private var block: FrameBlock?
    @exclusivity(unchecked) private var frames = 0
    private var lossTold: UInt64 = 0
    private var isReading = false
    private var hasEnded = false
    private var hasLeft = false

    /// Begins to capture on `interface` at once.
    ///
    /// - Parameters:
    ///   - stop: ends the capture; frames that have arrived before are still returned.
    ///   - notice: receives a line when the interface goes down or comes up again, from another thread.
    public init(
        interface name: String, settings: LiveSettings = LiveSettings(), stop: StopFlag = StopFlag(),
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(CaptureError) {
        handle = try LiveHandle(name, settings)
        var spare = settings
        spare.bufferLength = min(settings.bufferLength, Self.spareBuffer)
        // Where memory is short there are fewer.
        spares = (0..<Self.spareCount).compactMap { _ in try? LiveHandle(spare: name, spare) }
        self.name = name
        linkType = handle.linkType
        let queue = FrameQueue(limit: settings.queueLength)
        self.queue = queue
        makeReader = { LiveReader($0, name: name, settings: settings, into: queue, stop: stop, notice: notice) }
        reader = makeReader(handle)
        interfaces = [CaptureInterface(name: name, linkType: linkType, snapLength: settings.snapLength)]
    }

    private static let spareCount = 2
    private static let spareBuffer = 8 << 20

    deinit { queue.abandon(waits: false) }

    public var resumptions: Int { spares.count }

    public func resume(time: Int, after frames: Int) {
        guard spares.indices.contains(time - 1) else { return }
        // The supervisor still holds the handles of dead workers, whose buffers would fill.
        for old in [handle] + spares.prefix(time - 1) { _ = old.shut() }
        handle = spares[time - 1]
        handle.wake()
        reader = makeReader(handle)
        self.frames = frames
    }

    public func next() throws(CaptureError) -> CaptureItem? {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        if !isReading, !hasEnded {
            isReading = true
            reader.start()
        }
        while true {
            switch block?.next() {
            case .frame(let time, let originalLength, let data):
                bytes = data
                frames += 1
                return .frame(
                    Frame(
                        number: frames, time: time, linkType: linkType, capturedLength: data.count,
                        originalLength: originalLength))
            case .quiet(let time): return .quiet(until: time)
            case .dropped(let count): return lost(count)
            case nil: if try !turn() { return try restOfLosses() }
            }
        }
    }

    /// Takes the next block; false at the end.
    private func turn() throws(CaptureError) -> Bool {
        if hasEnded { return false }
        switch queue.take(&block) {
        case .block(let next): block = next
        case .nothing:
            beforeWaiting?()
            queue.wait()
        case .end(let failure):
            hasEnded = true
            // Losses are returned before the error.
            trouble = failure
            return false
        }
        return true
    }
    private var trouble: CaptureError?

    private func restOfLosses() throws(CaptureError) -> CaptureItem? {
        let counts = queue.counts
        let sum = counts.droppedByKernel &+ counts.droppedByInterface
        if sum > lossTold { return lost(sum - lossTold) }
        if let trouble {
            self.trouble = nil
            throw trouble
        }
        return nil
    }

    private func lost(_ count: UInt64) -> CaptureItem {
        lossTold &+= count
        interfaces[0].received = queue.counts.received
        interfaces[0].dropped = lossTold
        return .dropped(count)
    }

    public func leave() {
        guard !hasEnded else { return }
        hasEnded = true
        hasLeft = true
        block = nil
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        queue.abandon(waits: isReading)
        if !isReading { queue.end(nil, handle.counters.update()) }
    }

    public var statistics: CaptureStatistics? {
        let counts = queue.counts
        var statistics = CaptureStatistics(interface: name)
        statistics.captured = UInt64(frames)
        statistics.droppedByKernel = counts.droppedByKernel
        statistics.droppedByInterface = counts.droppedByInterface
        // Packets that came while the filter was set up may have been read without being counted.
        let known = statistics.captured &+ counts.droppedByKernel
        // If all were read, the rest are the same packets once more.
        statistics.received = handle.link.repeatsPackets && !hasLeft ? known : max(counts.received, known)
        return statistics
    }
}
