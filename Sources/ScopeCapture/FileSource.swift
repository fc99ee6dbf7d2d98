import Glibc
import ScopePcap
import ScopeWire

/// A pcap or pcapng file, a pipe that carries one, or a file that is still being written; gzip or not.
public final class FileSource: CaptureSource {
    /// As the user named it.
    public var name: String { input.name }

    private let input: FileInput
    /// Nil where the file is read only when its bytes are needed, and before the first call of `next`.
    private var ahead: BlockAhead?
    private let readsAhead: Bool
    private let blockLength: Int
    private var hasBegun = false
    private let stop: StopFlag?
    // Run-time checks of exclusive access cost a tenth of the time per packet; none of these is handed out.
    @exclusivity(unchecked) private var decoder = CaptureDecoder()
    @exclusivity(unchecked) private var window: ByteWindow
    @exclusivity(unchecked) private var frames = 0
    /// The place of the last frame's bytes in the window.
    @exclusivity(unchecked) private var last = 0..<0
    /// Whether that frame has comments.
    @exclusivity(unchecked) private var isCommented = false
    /// The record at the window's start that was not returned yet.
    @exclusivity(unchecked) private var pending: CaptureStep?
    private var hasEnded = false

    /// Opens `path` (`-`: the standard input) and reads its header; a file that is followed may still be empty.
    ///
    /// - Parameter readsAhead: a thread of its own reads, and decompresses, a block ahead; it begins with the first call of
    ///   `next`, so that the process can be divided until then.
    public init(
        path: String, follow: Bool = false, stop: StopFlag? = nil, blockLength: Int = 1 << 20, readsAhead: Bool = false
    ) throws(CaptureError) {
        input = try FileInput(path: path, follows: follow, stop: stop)
        self.readsAhead = readsAhead && !follow && input.total != nil
        self.blockLength = max(blockLength, 64)
        self.stop = stop
        window = ByteWindow(capacity: max(blockLength, 64))
        if !follow { try readHeader() }
    }

    public var interfaces: [CaptureInterface] { decoder.interfaces }
    public var progress: CaptureProgress? {
        CaptureProgress(read: ahead?.consumed ?? input.consumed, total: input.total)
    }
    /// Comments of a pcapng file's sections, as far as it has been read.
    public var sectionComments: [String] { decoder.sectionComments }

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: window.readable[last]) }
    public var comment: String? { isCommented ? decoder.comment : nil }
    public var beforeWaiting: (() -> Void)? {
        get { input.beforeWaiting }
        set { input.beforeWaiting = newValue }
    }

    public func next() throws(CaptureError) -> CaptureItem? {
        if hasEnded { return nil }
        hasBegun = true
        do throws(CaptureError) {
            let item = try advance()
            if item == nil { hasEnded = true }
            return item
        } catch {
            hasEnded = true
            throw error
        }
    }

    private func advance() throws(CaptureError) -> CaptureItem? {
        last = 0..<0
        isCommented = false
        while true {
            switch try step() {
            case .packet(let record):
                if record.lost > 0 {
                    var rest = record
                    rest.lost = 0
                    pending = .packet(rest)
                    return .dropped(record.lost)
                }
                window.pass(record.length)
                last = record.data
                isCommented = record.isCommented
                frames += 1
                return .frame(
                    Frame(
                        number: frames, time: record.time, linkType: record.linkType,
                        capturedLength: record.data.count, originalLength: record.originalLength,
                        interface: record.interface))
            case .passed(let length): window.pass(length)
            case .counted(let length):
                window.pass(length)
                frames += 1
            case .lost(let count, let length):
                window.pass(length)
                return .dropped(count)
            case .needs(let count):
                let before = SystemClock.now()
                switch try fill(count) {
                case .bytes: break
                case .end: return nil
                case .idle:
                    if stop?.isRaised ?? false { return nil }
                    beforeWaiting?()
                    poll(nil, 0, StopFlag.pause)
                    return .quiet(until: before)
                }
            }
        }
    }

    private func step() throws(CaptureError) -> CaptureStep {
        if let found = pending {
            pending = nil
            return found
        }
        do throws(FormatError) {
            return try decoder.step(window.readable.bytes, at: window.start, offset: window.offset)
        } catch {
            if case .notACapture = error.reason { throw notACapture() }
            throw .malformed(file: name, frames: frames, error: error)
        }
    }

    /// Reads up to the first packet, so that a file that is no capture fails when it is opened.
    private func readHeader() throws(CaptureError) {
        while true {
            let found = try step()
            switch found {
            case .packet, .counted, .lost:
                pending = found
                return
            case .passed(let length): window.pass(length)
            case .needs(let count):
                if window.offset > 0 { return }
                guard case .bytes = try fill(count) else { return }
            }
        }
    }

    /// Reads until `count` unread bytes are in the window.
    private func fill(_ count: Int) throws(CaptureError) -> FileInput.Outcome {
        while window.count < count {
            switch try more(count) {
            case .bytes: break
            case .idle: return .idle
            case .end:
                if stop?.isRaised ?? false { return .end }
                try checkEnd(needed: count)
                return .end
            }
        }
        return .bytes(window.count)
    }

    /// Reads more bytes into the window, and makes room for `count` in it.
    private func more(_ count: Int) throws(CaptureError) -> FileInput.Outcome {
        if hasBegun, readsAhead {
            let ahead = ahead ?? BlockAhead(input, length: blockLength)
            self.ahead = ahead
            return try ahead.take(into: &window, frames: frames)
        }
        let outcome = try input.read(into: window.room(for: count), frames: frames)
        if case .bytes(let more) = outcome { window.filled(more) }
        return outcome
    }

    /// Throws unless the file may end here.
    private func checkEnd(needed: Int) throws(CaptureError) {
        if input.isCutInCompression {
            throw .cut(
                file: name, frames: frames, offset: window.offset, detail: "the compressed data end too early")
        }
        if window.count == 0 {
            if window.offset == 0 { throw .empty(file: name) }
            return
        }
        if window.offset == 0, window.count < 4, !CaptureDecoder.mayBegin(with: window.readable.bytes) {
            throw notACapture()
        }
        throw .cut(
            file: name, frames: frames, offset: window.offset, detail: "needs \(needed) bytes, has \(window.count)")
    }

    private func notACapture() -> CaptureError {
        let head = window.readable[window.start..<min(window.start + 8, window.end)]
        return .notACapture(file: name, detail: FileKind.name(of: Array(head)))
    }
}
