import CLinux
import Glibc

/// Keeps an internal fault (a trap, a bad access) from ending the run.
///
/// The process is divided into a worker, which does everything, and a supervisor, which waits for it. When the worker
/// dies, the supervisor starts another one that leaves out the frame at fault. The supervisor alone sets these members,
/// before the process is divided, so access to them needs no lock.
enum FaultGuard {
    /// The ways to go on when a worker dies.
    enum Remedy: Equatable {
        /// All inputs are regular files: they are read again from their beginning.
        case repetition
        /// The capture goes on, up to so many times; what was known so far is lost.
        case continuation(times: Int)
        /// The input cannot be read again.
        case none
    }

    static let page = FaultPage()
    /// The names of the inputs, in the order in which they were opened.
    nonisolated(unsafe) private(set) static var names: [String] = []
    nonisolated(unsafe) static var isWorker = false
    /// The number of workers that died before this one.
    nonisolated(unsafe) static var deaths = 0
    /// Frames at which a worker died; the newest is the last.
    nonisolated(unsafe) static var leftOut: [FramePlace] = []
    /// A frame behind which nothing can be read.
    nonisolated(unsafe) static var last: FramePlace?
    /// Whether to use one thread, because with several it is not known which frame is at fault.
    nonisolated(unsafe) static var usesOneThread = false
    /// The number of frames that this worker reads, without writing, to show whether they lead to a fault at the end.
    nonisolated(unsafe) static var trial: Int?
    /// The bytes of output and the lines on standard error that earlier workers wrote.
    nonisolated(unsafe) static var writtenBefore: UInt64 = 0
    nonisolated(unsafe) static var complaintsBefore: UInt64 = 0
    /// Writes what was analysed already when a worker dies.
    nonisolated(unsafe) static var rescue: (() -> Void)?
    nonisolated(unsafe) private(set) static var hasBegun = false

    /// Whether all inputs can be read again from their beginning.
    nonisolated(unsafe) private(set) static var isRepeatable = true

    /// Registers an input; returns the number of its first file.
    static func register(_ input: Configuration.Input) -> Int {
        let first = names.count
        switch input {
        case .interface(let name):
            names.append(name)
            isRepeatable = false
        case .files(let paths, _):
            for path in paths {
                names.append(path == "-" ? "standard input" : path)
                let file = path == "-" ? FileIdentity(descriptor: STDIN_FILENO) : FileIdentity(path: path)
                isRepeatable = isRepeatable && file != nil
            }
        }
        return first
    }

    /// Whether a worker that dies has to write what it has analysed, because no other worker will.
    static var rescues: Bool { trial == nil && !isParallel && (remedy != .repetition || page.place.isEnd) }
    nonisolated(unsafe) private static var remedy = Remedy.none
    /// Whether this worker analyses or writes in several threads.
    static var isParallel: Bool { mayBeParallel && !usesOneThread }
    nonisolated(unsafe) private static var mayBeParallel = false

    /// Divides the process, once.
    ///
    /// It returns in the worker, and again in each that takes its place. All inputs are open by now, nothing was read,
    /// and there is one thread.
    ///
    /// - Returns: whether this is a worker, which is another process.
    static func begin(_ remedy: Remedy, isParallel: Bool) -> Bool {
        guard !hasBegun else { return false }
        hasBegun = true
        _ = page
        self.remedy = remedy
        mayBeParallel = isParallel
        var supervisor = Supervisor(remedy)
        supervisor.run()
        TestTraps.read()
        return isWorker
    }

    /// The number of signals that the supervisor has handed on since the last call.
    ///
    /// A terminal also signals the worker directly, as does anyone who signals a process group; these do not count.
    static func takeRequests() -> UInt64 {
        let all = page.requests
        defer { requestsTaken = all }
        return all - requestsTaken
    }
    nonisolated(unsafe) private static var requestsTaken: UInt64 = 0

    /// Whether an earlier worker has written this line to standard error.
    static func wasSaid() -> Bool {
        guard isWorker else { return false }
        if trial != nil { return true }
        page.complaints += 1
        guard complaintsBefore > 0 else { return false }
        complaintsBefore -= 1
        return true
    }
}
