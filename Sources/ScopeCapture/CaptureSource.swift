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
    /// The comments that a pcapng file has on that frame, a line each.
    var comment: String? { get }
    /// Called before `next` waits for more, so that what was made of the frames so far can be written.
    var beforeWaiting: (() -> Void)? { get set }
    /// The statistics of a live run, complete when it has ended; nil where they are not known.
    var statistics: CaptureStatistics? { get }
    /// Ends the source: no more frames are wanted. In a live run `next` still returns the losses not reported yet.
    func leave()
    /// The place of the frame that `next` returned last.
    func origin(of frame: Frame) -> FrameOrigin
    /// The file of a frame that was returned, by its number, and its number there; nil where there is but one file, or where
    /// that is not known.
    func place(ofFrame number: Int) -> (file: String, number: Int)?
    /// Several files are read as one.
    var hasSeveralFiles: Bool { get }
    /// How often another process may go on after one that died.
    var resumptions: Int { get }
    /// Goes on, in such a process, with the frames from now on. The process has read nothing before.
    ///
    /// - Parameters:
    ///   - time: the number of such processes, this one included.
    ///   - frames: the number that the others have read.
    func resume(time: Int, after frames: Int)
}

/// The place of a frame: its file, among those that are read together, and its number there.
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

    public func place(ofFrame number: Int) -> (file: String, number: Int)? { nil }

    public var hasSeveralFiles: Bool { false }

    public var resumptions: Int { 0 }

    public func resume(time: Int, after frames: Int) {}

    public var statistics: CaptureStatistics? { nil }

    public func leave() {}

    /// Hands on the bytes of the frame that `next` returned last.
    @inlinable public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(bytes.bytes)
    }
}

/// Bytes of the input on disk, before decompression.
public struct CaptureProgress: Hashable, Sendable {
    public var read: UInt64
    /// The size of the file; nil for a pipe.
    public var total: UInt64?

    public init(read: UInt64, total: UInt64?) {
        self.read = read
        self.total = total
    }
}
