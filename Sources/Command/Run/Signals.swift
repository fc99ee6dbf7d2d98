import Glibc
import ScopeCapture

/// What the outside may ask of a run.
enum Signals {
    /// Raised by the first Ctrl-C or SIGTERM.
    static let stop = StopFlag()

    /// Makes a pipe whose reader has gone an error of the write, which ends the run quietly.
    static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Lets SIGINT and SIGTERM end the run with all it has to say; a second one ends it at once.
    static func watch() {
        // The handler must not be the one to set the flag up.
        _ = stop
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            if Signals.stop.isRaised { _exit(128 + number) }
            Signals.stop.raise()
        }
        // Without SA_RESTART: reads and waits return, and see the flag.
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        // Whoever started the program may have done so from a thread that lets no signals in.
        var both = sigset_t()
        sigemptyset(&both)
        sigaddset(&both, SIGINT)
        sigaddset(&both, SIGTERM)
        sigprocmask(SIG_UNBLOCK, &both, nil)
    }
}
