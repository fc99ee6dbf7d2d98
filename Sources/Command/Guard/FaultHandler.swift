import CLinux
import Glibc
import ScopeCapture

/// What a worker does when it dies of an internal fault, and before that.
enum FaultHandler {
    private static let faults = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE]

    /// Says one line when there is a fault before the process is divided, where nothing can be left out.
    static func watchOpening() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            let line: StaticString =
                "ikescope: internal fault while the input was opened; please report it with the files that were given\n"
            _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
            _exit(Supervisor.faultStatus)
        }
        for number in faults { sigaction(number, &action, nil) }
    }

    /// Called in a process that was just made.
    static func becomeWorker(of supervisor: pid_t) {
        FaultGuard.isWorker = true
        end_with_parent()
        // An earlier worker was told to end.
        if FaultGuard.takeRequests() > 0 { Signals.stop.raise() }
        // It may be gone already.
        if getppid() != supervisor { _exit(0) }
        var action = sigaction()
        // Once: what goes wrong on the way out ends it.
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { number in
            let page = FaultGuard.page
            page.hasFaulted = true
            // Another thread may be writing, and how much of it gets out must be known. It writes no more after that.
            while page.isWriting { usleep(1000) }
            if FaultGuard.rescues, let rescue = FaultGuard.rescue {
                // What goes on at a fault may wait for ever.
                alarm(2)
                page.hasFaulted = false
                rescue()
                page.hasFaulted = true
            }
            raise(number)
        }
        for number in faults { sigaction(number, &action, nil) }
    }
}
