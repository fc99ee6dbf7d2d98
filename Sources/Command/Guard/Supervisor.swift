import CLinux
import Glibc

/// The process that was started.
///
/// It hands signals on to the worker, waits for its end, and ends in the same way, unless an internal fault ended the
/// worker.
struct Supervisor {
    /// The number of workers that may die before the run is given up.
    private static let mostDeaths = 16
    /// EX_SOFTWARE of sysexits.h.
    static let faultStatus: Int32 = 70
    private static let faults: Set<Int32> = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE]
    private static let forwarded = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]

    private let remedy: FaultGuard.Remedy
    private var search: Search?
    /// The positions of the inputs, whose descriptors may be shared with other processes.
    private let offsets: [(descriptor: Int32, offset: off_t)]

    /// The worker, to which signals go.
    nonisolated(unsafe) private static var worker: pid_t = 0

    /// A search for the frame that leads to a fault at the end: so many frames lead to it, and so many do not.
    private struct Search {
        var faults: UInt64
        var passes: UInt64 = 0
        var culprit: FramePlace

        /// The number to try next; nil when the frame is found.
        var trial: UInt64? { faults - passes > 1 ? passes + (faults - passes) / 2 : nil }
    }

    init(_ remedy: FaultGuard.Remedy) {
        self.remedy = remedy
        offsets = Self.offsets()
    }

    /// Returns in a worker alone, or where the process cannot be divided.
    mutating func run() {
        let supervisor = getpid()
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        sigprocmask(SIG_BLOCK, &all, &before)
        let actions = Self.forward()
        while true {
            FaultGuard.page.hasFaulted = false
            FaultGuard.page.isWriting = false
            FaultGuard.page.written = 0
            FaultGuard.page.complaints = 0
            let child = fork_process()
            guard child > 0 else {
                for (number, action) in actions {
                    var action = action
                    sigaction(number, &action, nil)
                }
                if child == 0 { FaultHandler.becomeWorker(of: supervisor) }
                sigprocmask(SIG_SETMASK, &before, nil)
                return
            }
            Self.worker = child
            sigprocmask(SIG_SETMASK, &before, nil)
            let status = Self.wait(for: child)
            sigprocmask(SIG_BLOCK, &all, nil)
            Self.worker = 0
            let isFault = Self.isFault(status)
            if search != nil {
                goOn(isFault)
            } else if isFault {
                consider()
            } else {
                Self.end(status)
            }
            for (descriptor, offset) in offsets where remedy == .repetition { lseek(descriptor, offset, SEEK_SET) }
        }
    }

    // MARK: Faults

    private static func isFault(_ status: Int32) -> Bool {
        let signal = status & 0x7f
        // An alarm ends a worker that hangs while it ends.
        return faults.contains(signal) || signal == SIGALRM
    }

    /// Reports the fault and prepares the next worker; ends the run where there is to be none.
    private mutating func consider() {
        let page = FaultGuard.page
        let place = page.place
        let at = Self.describe(place)
        FaultGuard.deaths += 1
        let isLast = FaultGuard.leftOut.count >= Self.mostDeaths
        switch remedy {
        case .none:
            giveUp("internal fault \(at), which cannot be read again: the rest of it is lost; please report it")
        case .continuation(let times):
            if place.isEnd || FaultGuard.deaths > times { giveUp("internal fault \(at); please report it") }
            say("internal fault \(at): the capture goes on, without what was known so far; please report it")
        case .repetition where FaultGuard.isParallel:
            // Other threads were at other frames; with one thread the frame at fault shows.
            FaultGuard.usesOneThread = true
        case .repetition:
            if isLast || place.isStart || FaultGuard.last != nil {
                giveUp("internal fault \(at)\(isLast ? ", after \(Self.mostDeaths) others" : ""); please report it")
            }
            if place.isEnd {
                // Output at the end depends on all frames, so the frame at fault has to be searched for.
                search = Search(faults: page.frames, culprit: page.lastPlace)
                goOn(nil)
            } else if FaultGuard.leftOut.last == place {
                // The frame was left out, so the fault lies in the data behind it in the file.
                FaultGuard.last = place
                say("internal fault behind it: nothing more is read there; please report it")
            } else {
                FaultGuard.leftOut.append(place)
                say("internal fault \(at), left out; please report it with that frame")
            }
        }
        guard remedy == .repetition else { return }
        FaultGuard.writtenBefore = max(FaultGuard.writtenBefore, page.written)
        FaultGuard.complaintsBefore = max(FaultGuard.complaintsBefore, page.complaints)
    }

    /// Goes on looking for the frame that leads to a fault at the end.
    ///
    /// - Parameter isFault: whether the last trial ended in a fault; nil before the first.
    private mutating func goOn(_ isFault: Bool?) {
        guard var search, search.faults > 0 else { giveUp("internal fault at the end; please report it") }
        if let isFault, let trial = FaultGuard.trial.map(UInt64.init) {
            if isFault {
                guard FaultGuard.page.place.isEnd else { giveUp("internal faults at the end; please report it") }
                search.faults = trial
                search.culprit = FaultGuard.page.lastPlace
            } else {
                search.passes = trial
            }
        }
        self.search = search
        FaultGuard.trial = search.trial.map { Int(clamping: $0) }
        guard search.trial == nil else { return }
        self.search = nil
        if FaultGuard.leftOut.contains(search.culprit) { giveUp("internal fault at the end; please report it") }
        FaultGuard.leftOut.append(search.culprit)
        say(
            "internal fault at the end, because of \(Self.describe(search.culprit, "")), left out; please report it with that frame"
        )
    }

    private static func describe(_ place: FramePlace, _ word: String = "at ") -> String {
        let name = place.file < FaultGuard.names.count ? FaultGuard.names[place.file] : "the input"
        if place.isEnd { return "at the end of \(name)" }
        return place.isStart ? "before the first frame of \(name)" : "\(word)frame \(place.frame) of \(name)"
    }

    private func say(_ line: String) { Complaint.say(line) }

    private func giveUp(_ line: String) -> Never {
        Complaint.say(line)
        _exit(Self.faultStatus)
    }

    // MARK: Ends

    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Ends as the worker did.
    private static func end(_ status: Int32) -> Never {
        let number = status & 0x7f
        guard number != 0 else { _exit(status >> 8 & 0xff) }
        // The process that waits for this one has to see the signal.
        signal(number, SIG_DFL)
        kill(getpid(), number)
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        _exit(128 + number)
    }

    // MARK: Signals

    /// Begins to hand signals on; returns their previous actions.
    private static func forward() -> [(Int32, sigaction)] {
        var replaced: [(Int32, sigaction)] = []
        var action = sigaction()
        action.sa_flags = SA_RESTART
        action.__sigaction_handler.sa_handler = { number in
            FaultGuard.page.countRequest()
            if Supervisor.worker > 0 { kill(Supervisor.worker, number) }
        }
        for number in forwarded {
            var before = sigaction()
            sigaction(number, nil, &before)
            // Signals that were ignored stay ignored.
            guard unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) != 1 else { continue }
            sigaction(number, &action, nil)
            replaced.append((number, before))
        }
        return replaced
    }

    // MARK: Inputs

    /// The regular files that are open for reading, with their positions.
    private static func offsets() -> [(descriptor: Int32, offset: off_t)] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var found: [(Int32, off_t)] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard let descriptor = Int32(name), fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                fcntl(descriptor, F_GETFL) & O_ACCMODE == O_RDONLY
            else { continue }
            let offset = lseek(descriptor, 0, SEEK_CUR)
            if offset >= 0 { found.append((descriptor, offset)) }
        }
        return found
    }
}
