// Its header brings `sigaction` with it, so the compiler may take it for its own.
import CLinux
import Glibc
import ScopeCapture

/// What the outside may ask of a run.
enum Signals {
    /// Raised by the first signal that asks for an end.
    static let stop = StopFlag()

    /// Makes a pipe whose reader has gone an error of the write, which ends the run quietly.
    static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Ctrl-C, `kill`, the terminal that goes away, and Ctrl-\.
    private static let ends = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Lets these end the run with all it has to say; a second one ends it at once.
    static func watch() {
        // The handler must not be the one to set the flag up.
        _ = stop
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            // What a terminal sends to all its processes reaches the worker from its supervisor too.
            let count = FaultGuard.isWorker ? FaultGuard.takeRequests() : 1
            if count == 0 { return }
            if count > 1 || Signals.stop.isRaised { _exit(128 + number) }
            Signals.stop.raise()
        }
        // Without SA_RESTART: reads and waits return, and see the flag.
        var watched = sigset_t()
        sigemptyset(&watched)
        for number in ends where !isLeft(number) {
            sigaction(number, &action, nil)
            sigaddset(&watched, number)
        }
        // Whoever started the program may have done so from a thread that lets no signals in.
        sigprocmask(SIG_UNBLOCK, &watched, nil)
    }

    /// `nohup` has the program live on when its terminal goes away.
    private static func isLeft(_ number: Int32) -> Bool {
        guard number == SIGHUP else { return false }
        var action = sigaction()
        sigaction(number, nil, &action)
        // SIG_IGN, which is no function to compare with.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
