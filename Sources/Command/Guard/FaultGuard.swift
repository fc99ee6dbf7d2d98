import CLinux
import Glibc

/// Keeps an internal fault (a trap, a bad access) from costing the run: it is divided into a worker, which does
/// everything, and a supervisor, which waits for it and begins anew behind the frame at which the worker died.
///
/// Everything is set before the process is divided, by the supervisor alone; so no access to it is guarded.
enum FaultGuard {
    /// What can be done when a worker dies.
    enum Remedy: Equatable {
        /// All inputs are regular files: they are read again from their beginning.
        case repetition
        /// The capture goes on, so often, and what was known is lost.
        case continuation(times: Int)
        /// The input cannot be had again.
        case none
    }

    static let page = FaultPage()
    /// The names of what is read, in the order in which it was opened.
    nonisolated(unsafe) private(set) static var names: [String] = []
    nonisolated(unsafe) static var isWorker = false
    /// How many workers died before this one.
    nonisolated(unsafe) static var deaths = 0
    /// Frames at which a worker died; the newest is the last.
    nonisolated(unsafe) static var leftOut: [FramePlace] = []
    /// A frame behind which nothing can be read.
    nonisolated(unsafe) static var last: FramePlace?
    /// With several threads nobody knows at which frame it was.
    nonisolated(unsafe) static var usesOneThread = false
    /// So many frames are read, and nothing is written: this worker is to show whether they lead to a fault at the end.
    nonisolated(unsafe) static var trial: Int?
    /// What earlier workers wrote: bytes of output, lines on standard error.
    nonisolated(unsafe) static var writtenBefore: UInt64 = 0
    nonisolated(unsafe) static var complaintsBefore: UInt64 = 0
    /// Lets out what is analysed already, when a worker dies.
    nonisolated(unsafe) static var rescue: (() -> Void)?
    nonisolated(unsafe) private(set) static var hasBegun = false

    /// Whether all that is read can be read again from its beginning.
    nonisolated(unsafe) private(set) static var isRepeatable = true

    /// Takes in what is read; returns the number of the first of the files.
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

    /// Whether what is analysed already has to go out with a worker that dies: nobody will do it again.
    static var rescues: Bool { trial == nil && !isParallel && (remedy != .repetition || page.place.isEnd) }
    nonisolated(unsafe) private static var remedy = Remedy.none
    /// Whether threads of this worker analyse, or write what was analysed.
    static var isParallel: Bool { mayBeParallel && !usesOneThread }
    nonisolated(unsafe) private static var mayBeParallel = false

    /// Divides the process, once: returns in the worker, and again in each that has to take its place.
    ///
    /// All that is to be read is open by now, and nothing was read of it yet; there is one thread.
    ///
    /// - Returns: whether this is another process from now on.
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

    /// How many signals the supervisor handed on since it was asked last.
    ///
    /// A terminal sends them to this process too, and so does whoever ends a group: those are not the worker's business.
    static func takeRequests() -> UInt64 {
        let all = page.requests
        defer { requestsTaken = all }
        return all - requestsTaken
    }
    nonisolated(unsafe) private static var requestsTaken: UInt64 = 0

    /// Whether this line was said by an earlier worker.
    static func wasSaid() -> Bool {
        guard isWorker else { return false }
        if trial != nil { return true }
        page.complaints += 1
        guard complaintsBefore > 0 else { return false }
        complaintsBefore -= 1
        return true
    }
}
