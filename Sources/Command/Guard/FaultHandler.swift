import CLinux
import Glibc
import ScopeCapture

/// Handles the signals of internal faults.
enum FaultHandler {
    private static let faults = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE]

    /// Reports a fault before the process is divided, where no frame can be left out.
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
        // The supervisor may be gone already.
        if getppid() != supervisor { _exit(0) }
        var action = sigaction()
        // The handler runs once: a fault on the way out ends the worker.
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        action.__sigaction_handler.sa_handler = { number in
            let page = FaultGuard.page
            page.hasFaulted = true
            // Another thread may be writing. The number of bytes that it writes must be known; after that it stops.
            while page.isWriting { usleep(1000) }
            if FaultGuard.rescues, let rescue = FaultGuard.rescue {
                // Work at a fault may wait for ever.
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
