import Glibc

/// The bytes of a file or pipe, decompressed where they are gzip.
final class FileInput {
    enum Outcome {
        case bytes(Int)
        /// There is nothing at present; more may come.
        case idle
        case end
    }

    /// As the user named it, for messages.
    let name: String
    /// The size on disk; nil for a pipe.
    let total: UInt64?
    /// Bytes read from disk.
    private(set) var consumed: UInt64 = 0
    /// Called before the reader waits for an empty pipe.
    var beforeWaiting: (() -> Void)?
    private let descriptor: Int32
    private let isRegular: Bool
    private let follows: Bool
    private let stop: StopFlag?
    private var isDetermined = false
    private var inflater: Inflater?

    /// Opens `path`; `-` is the standard input.
    init(path: String, follows: Bool, stop: StopFlag?) throws(CaptureError) {
        name = path == "-" ? "standard input" : path
        self.stop = stop
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw Self.openError(name, errno) }
        var status = stat()
        let known = fstat(descriptor, &status) == 0
        if known, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw .isDirectory(file: name)
        }
        isRegular = known && status.st_mode & S_IFMT == S_IFREG
        total = isRegular ? UInt64(clamping: status.st_size) : nil
        // A pipe that has ended is not followed: its writer has gone.
        self.follows = follows && isRegular
    }

    deinit { close(descriptor) }

    /// Whether the input has ended inside compressed data.
    var isCutInCompression: Bool { inflater?.isInsideMember ?? false }

    /// Reads what is available into `buffer` (not empty): a byte or more, unless the input is idle or at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer, frames: Int) throws(CaptureError) -> Outcome {
        if !isDetermined {
            let head = try readHead(into: buffer, frames: frames)
            guard case .bytes(let count) = head else { return head }
            isDetermined = true
            guard count >= 2, buffer[0] == 0x1f, buffer[1] == 0x8b else { return head }
            inflater = Inflater(startingWith: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        guard let inflater else { return try readRaw(into: buffer, frames: frames) }
        while true {
            switch inflater.inflate(into: buffer) {
            case .bytes(let count): return .bytes(count)
            case .end: return .end
            case .damaged(let detail):
                throw .damagedCompression(file: name, frames: frames, offset: consumed, detail: detail)
            case .needsInput:
                let outcome = try readRaw(into: inflater.input, frames: frames)
                guard case .bytes(let count) = outcome else { return outcome }
                inflater.supply(count)
            }
        }
    }

    /// Reads the first two bytes or more, unless the input ends before: they tell whether it is gzip.
    private func readHead(into buffer: UnsafeMutableRawBufferPointer, frames: Int) throws(CaptureError) -> Outcome {
        var count = headLength
        if count > 0 { buffer[0] = head }
        headLength = 0
        while count < min(2, buffer.count) {
            switch try readRaw(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]), frames: frames) {
            case .bytes(let more): count += more
            case .idle:
                // At most one byte: it is kept for the next call.
                if count == 1 { (head, headLength) = (buffer[0], 1) }
                return .idle
            case .end: return count == 0 ? .end : .bytes(count)
            }
        }
        return .bytes(count)
    }
    private var head: UInt8 = 0
    private var headLength = 0

    private func readRaw(into buffer: UnsafeMutableRawBufferPointer, frames: Int) throws(CaptureError) -> Outcome {
        // A file is checked, too: a filter may let no frame through, and the flag would not be seen.
        if stop?.isRaised ?? false { return .end }
        if !isRegular, let stop {
            // A pipe may block for long, so the wait is divided and the flag looked at in between.
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            var pause: Int32 = 0
            while true {
                if stop.isRaised { return .end }
                let ready = Glibc.poll(&poll, 1, pause)
                if ready != 0, !(ready < 0 && errno == EINTR) { break }
                if pause == 0 { beforeWaiting?() }
                pause = StopFlag.pause
            }
        }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                consumed &+= UInt64(count)
                return .bytes(count)
            }
            if count == 0 { return follows ? .idle : .end }
            if errno == EINTR {
                if stop?.isRaised ?? false { return .end }
                continue
            }
            if errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = Glibc.poll(&poll, 1, StopFlag.pause)
                continue
            }
            throw .unreadable(file: name, frames: frames, reason: String(cString: strerror(errno)))
        }
    }

    private static func openError(_ name: String, _ code: Int32) -> CaptureError {
        switch code {
        case ENOENT, ENOTDIR: .notFound(file: name)
        case EACCES, EPERM: .notPermitted(name, advice: "the file must be readable")
        default: .unreadable(file: name, frames: 0, reason: String(cString: strerror(code)))
        }
    }
}
