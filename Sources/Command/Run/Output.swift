import Glibc
import ScopeCrypto
import ScopeModel
import Synchronization

/// The output of results.
final class Output {
    enum Target: Hashable {
        case standardOutput
        case file(String)

        /// A path as the user gave it; `-` is the standard output.
        init(_ path: String?) {
            self = path.map { $0 == "-" ? .standardOutput : .file($0) } ?? .standardOutput
        }

        fileprivate var name: String {
            switch self {
            case .standardOutput: "standard output"
            case .file(let path): path
            }
        }
    }

    let isTerminal: Bool
    /// Whether it is a pipe or socket, whose reader may show the output.
    let isPipe: Bool
    /// Whether nothing was written yet; another thread may be the one that writes.
    var isUntouched: Bool { !isTouched.load(ordering: .relaxed) }
    /// Returns how many of these bytes are whole lines or blocks, beyond which a full disk must not leave anything.
    ///
    /// Lines are the default; the writer of blocks replaces it before it writes.
    var whole: (UnsafeRawBufferPointer) -> Int = { ($0.lastIndex(of: 10) ?? -1) + 1 }
    private let isTouched = Atomic<Bool>(false)
    private let name: String
    private let descriptor: Int32
    /// Whether it is a regular file that was opened here, from its beginning: only such a file may be cut.
    ///
    /// A file that the shell opened may have contents before this output, and others may write to it at the same time.
    private let isOwn: Bool
    private let isPrivate: Bool
    /// The bytes written to a file of our own; nil while it still has its old contents.
    private var length: off_t?

    /// Opens the output; a file keeps its old contents until there is something to write, or until the end.
    ///
    /// - Parameter isPrivate: whether a file is readable for its owner alone.
    init(_ target: Target, isPrivate: Bool = false) throws(Failure) {
        name = target.name
        self.isPrivate = isPrivate
        var descriptor = STDOUT_FILENO
        if case .file(let path) = target, !Self.isStandardOutput(path) {
            descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, isPrivate ? 0o600 : 0o666)
        }
        guard descriptor >= 0 else { throw Self.failure(name, errno) }
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        var status = stat()
        let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
        isPipe = kind == S_IFIFO || kind == S_IFSOCK
        isOwn = kind == S_IFREG && descriptor != STDOUT_FILENO
    }

    /// Whether the path leads to the file of standard output, as `/dev/stdout` does.
    ///
    /// The shell may have opened that file to append to it. A second opening would write over its beginning.
    private static func isStandardOutput(_ path: String) -> Bool {
        FileIdentity(path: path).map { $0 == FileIdentity(descriptor: STDOUT_FILENO) } ?? false
    }

    /// Writes all that `sink` holds, and empties it.
    func drain(_ sink: ByteSink) throws(Failure) {
        guard sink.count > 0 else { return }
        try sink.withBytes { (bytes) throws(Failure) in try write(bytes) }
        sink.clear()
    }

    /// Writes whole lines, or whole blocks of a capture.
    ///
    /// When a file that was opened here takes only a part of the bytes (the disk is full), it is cut behind the last
    /// one that is `whole`.
    func write(_ bytes: [UInt8]) throws(Failure) {
        let failure = bytes.withUnsafeBytes { bytes -> Failure? in
            do throws(Failure) {
                try write(bytes)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// Writes text that holds keys, without a copy of it.
    func write(_ text: SecretSink) throws(Failure) {
        // A document that is cut is of no use.
        whole = { _ in 0 }
        try text.withBytes { (bytes) throws(Failure) in try write(bytes) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        isTouched.store(true, ordering: .relaxed)
        try empty()
        var done = passOver(bytes.count)
        while done < bytes.count {
            let count = put(UnsafeRawBufferPointer(rebasing: bytes[done...]))
            if count >= 0 {
                done += count
                continue
            }
            switch errno {
            case EINTR: break
            case EAGAIN:
                // Another process has made our end of the pipe non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            case EPIPE: throw .quietEnd
            case let code:
                if let length, done > 0 {
                    ftruncate(descriptor, length + off_t(whole(UnsafeRawBufferPointer(rebasing: bytes[..<done]))))
                }
                throw Self.failure(name, code)
            }
        }
        if let length { self.length = length + off_t(done) }
    }

    // MARK: After a fault

    /// The number of the next bytes that an earlier worker has written already.
    private var writtenBefore: Int?

    /// Returns how many of the next bytes a worker that died has written already.
    private func passOver(_ count: Int) -> Int {
        // A file that was opened here is written again from its beginning.
        let rest = writtenBefore ?? (isOwn ? 0 : Int(clamping: FaultGuard.writtenBefore))
        let passed = min(count, rest)
        writtenBefore = rest - passed
        FaultGuard.page.written += UInt64(passed)
        return passed
    }

    /// Notes that the output differs from that of an earlier worker behind the next `pending` bytes.
    func leavesOut(pending: Int) {
        writtenBefore = min(writtenBefore ?? (isOwn ? 0 : Int(clamping: FaultGuard.writtenBefore)), pending)
    }

    /// Writes what is whole in `sink`, without reporting errors, because the process is about to end.
    func rescue(_ sink: ByteSink) {
        sink.withBytes { bytes in
            try? write(UnsafeRawBufferPointer(rebasing: bytes[..<whole(bytes)]))
        }
    }

    /// Calls write(2) and tells the supervisor how much it wrote.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        if FaultGuard.trial != nil { return bytes.count }
        let page = FaultGuard.page
        page.isWriting = true
        // Another thread is at a fault; the next worker writes the rest.
        while page.hasFaulted {
            page.isWriting = false
            pause()
        }
        let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        let code = errno
        if count > 0 { page.written += UInt64(count) }
        page.isWriting = false
        errno = code
        return count
    }

    /// Removes the old contents of a file of our own, once.
    private func empty() throws(Failure) {
        guard isOwn, length == nil, FaultGuard.trial == nil else { return }
        length = 0
        if FaultGuard.deaths > 0 {
            // In a live capture the output of an earlier worker stays.
            guard FaultGuard.isRepeatable else {
                length = lseek(descriptor, 0, SEEK_CUR)
                return
            }
            lseek(descriptor, 0, SEEK_SET)
        }
        if ftruncate(descriptor, 0) != 0 { throw Self.failure(name, errno) }
        guard isPrivate else { return }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 else {
            return
        }
        Complaint.say("warning: \(name): others can open it; chmod 600 keeps it private")
    }

    /// Closes the output; some file systems report only now that the disk is full.
    func close() throws(Failure) {
        try empty()
        if Glibc.close(descriptor) != 0, errno != EINTR { throw Self.failure(name, errno) }
    }

    static func failure(_ name: String, _ code: Int32) -> Failure {
        Failure("\(name): cannot be written: \(String(cString: strerror(code)))", status: .output)
    }
}
