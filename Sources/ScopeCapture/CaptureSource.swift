import ScopeWire

/// Anything that yields frames: a file, several files, a growing file, an interface.
public protocol CaptureSource: AnyObject {
    /// The interfaces met so far; a frame's `interface` is an index into them.
    var interfaces: [CaptureInterface] { get }
    /// How much of the input has been read; nil where that says nothing (live).
    var progress: CaptureProgress? { get }
    /// The next item; nil at the end. After an error the source is at its end.
    func next() throws(CaptureError) -> CaptureItem?
    /// The bytes of the frame that `next` returned last, valid until it is called again.
    var bytes: UnsafeRawBufferPointer { get }
    /// What a pcapng file says of that frame in words, a line each.
    var comment: String? { get }
    /// Called when nothing is there and `next` is about to wait for more: what was made of the frames so far may go out.
    var beforeWaiting: (() -> Void)? { get set }
    /// What became of the packets of a live run, complete when it has ended; nil where that is not known.
    var statistics: CaptureStatistics? { get }
    /// No more frames are wanted. Of a live run `next` tells the losses that were not told yet, and then it has ended.
    func leave()
    /// Where the frame that `next` returned last stands.
    func origin(of frame: Frame) -> FrameOrigin
    /// How often a process that stands in for one that died may go on where that one was.
    var resumptions: Int { get }
    /// Goes on, in such a process, with what comes from now on; nothing was read in it yet.
    ///
    /// - Parameters:
    ///   - time: how often that has happened, this time included.
    ///   - frames: what the others have read.
    func resume(time: Int, after frames: Int)
}

/// Where a frame stands: which of the files that are read together, and the frame's own number there.
public struct FrameOrigin: Hashable, Sendable {
    /// From 0.
    public var file: Int
    /// From 1.
    public var number: Int

    public init(file: Int, number: Int) {
        self.file = file
        self.number = number
    }
}

extension CaptureSource {
    public func origin(of frame: Frame) -> FrameOrigin { FrameOrigin(file: 0, number: frame.number) }

    public var resumptions: Int { 0 }

    public func resume(time: Int, after frames: Int) {}

    public var statistics: CaptureStatistics? { nil }

    public func leave() {}

    /// Hands on the bytes of the frame that `next` returned last.
    @inlinable public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(bytes.bytes)
    }
}

/// Bytes of the input as it lies on disk (before decompression).
public struct CaptureProgress: Hashable, Sendable {
    public var read: UInt64
    /// The size of the file; nil for a pipe.
    public var total: UInt64?

    public init(read: UInt64, total: UInt64?) {
        self.read = read
        self.total = total
    }
}
