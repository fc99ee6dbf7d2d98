// Its header includes `sigaction`, so the compiler may name this module as the one that declares it.
import CLinux
import Glibc
import ScopeCapture

/// The signals that end a run.
enum Signals {
    /// Raised by the first signal that asks for an end.
    static let stop = StopFlag()

    /// Lets a write to a pipe without a reader fail, which ends the run quietly.
    static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

    /// The signals of Ctrl-C, `kill`, a terminal that closes, and Ctrl-\.
    private static let ends = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Lets these signals end the run with its whole output; a second one ends it at once.
    static func watch() {
        // The flag is created here, because the handler must not do it.
        _ = stop
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            // A signal of the terminal reaches the worker twice: directly and from its supervisor.
            let count = FaultGuard.isWorker ? FaultGuard.takeRequests() : 1
            if count == 0 { return }
            if count > 1 || Signals.stop.isRaised { _exit(128 + number) }
            Signals.stop.raise()
        }
        // Without SA_RESTART, reads and waits return, so that the flag is seen.
        var watched = sigset_t()
        sigemptyset(&watched)
        for number in ends where !isLeft(number) {
            sigaction(number, &action, nil)
            sigaddset(&watched, number)
        }
        // The program may have been started by a thread that blocks signals.
        sigprocmask(SIG_UNBLOCK, &watched, nil)
    }

    /// Whether the signal is ignored, as `nohup` has it for the end of the terminal.
    private static func isLeft(_ number: Int32) -> Bool {
        guard number == SIGHUP else { return false }
        var action = sigaction()
        sigaction(number, nil, &action)
        // SIG_IGN, which is no function to compare with.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
