import Glibc
import ScopeCrypto
import ScopeModel
import Synchronization

/// Where results go.
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
    /// A pipe or socket: whoever reads it may be showing it.
    let isPipe: Bool
    /// Nothing was written yet; another thread may be the one that writes.
    var isUntouched: Bool { !isTouched.load(ordering: .relaxed) }
    /// How many of these bytes, from the beginning of a block of them, are whole: all that a full disk may leave.
    ///
    /// Lines, unless what is written says otherwise before it is.
    var whole: (UnsafeRawBufferPointer) -> Int = { ($0.lastIndex(of: 10) ?? -1) + 1 }
    private let isTouched = Atomic<Bool>(false)
    private let name: String
    private let descriptor: Int32
    /// A regular file that was opened here, from its beginning: only such a one may be cut.
    ///
    /// Where the shell opened it, something may stand before what is written now, and others may write to it meanwhile.
    private let isOwn: Bool
    private let isPrivate: Bool
    /// How much of an own file was written; nil while it holds what it held before.
    private var length: off_t?

    /// Opens what is to be written to; what a file holds stays until there is something to write, or the end.
    ///
    /// - Parameter isPrivate: whether nobody else may read a file.
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

    /// `/dev/stdout`, where the shell opened a file: opening that file once more would not append to it.
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
    /// When a file that was opened here takes only some of the bytes of a call (the disk is full), it ends behind the
    /// last of them that is `whole`.
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
        // A document that is cut short is none.
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
                // Somebody made our end of the pipe non-blocking.
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

    /// Bytes to come that an earlier worker wrote.
    private var writtenBefore: Int?

    /// How many of so many bytes are out already, because a worker that died wrote them.
    private func passOver(_ count: Int) -> Int {
        // A file that was opened here is written anew.
        let rest = writtenBefore ?? (isOwn ? 0 : Int(clamping: FaultGuard.writtenBefore))
        let passed = min(count, rest)
        writtenBefore = rest - passed
        FaultGuard.page.written += UInt64(passed)
        return passed
    }

    /// The next byte but `pending` is the first that differs from what an earlier worker wrote, or would have.
    func leavesOut(pending: Int) {
        writtenBefore = min(writtenBefore ?? (isOwn ? 0 : Int(clamping: FaultGuard.writtenBefore)), pending)
    }

    /// Writes what is whole of what `sink` holds, and keeps quiet: the process is about to end.
    func rescue(_ sink: ByteSink) {
        sink.withBytes { bytes in
            try? write(UnsafeRawBufferPointer(rebasing: bytes[..<whole(bytes)]))
        }
    }

    /// write(2), of which the supervisor knows how much it did.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        if FaultGuard.trial != nil { return bytes.count }
        let page = FaultGuard.page
        page.isWriting = true
        // Another thread is at a fault: what is not out by now is for the next worker.
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

    /// Takes away what an own file held before, once.
    private func empty() throws(Failure) {
        guard isOwn, length == nil, FaultGuard.trial == nil else { return }
        length = 0
        if FaultGuard.deaths > 0 {
            // Of an interface, what an earlier worker wrote stands.
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

    /// Some file systems say only here that the disk is full.
    func close() throws(Failure) {
        try empty()
        if Glibc.close(descriptor) != 0, errno != EINTR { throw Self.failure(name, errno) }
    }

    static func failure(_ name: String, _ code: Int32) -> Failure {
        Failure("\(name): cannot be written: \(String(cString: strerror(code)))", status: .output)
    }
}
