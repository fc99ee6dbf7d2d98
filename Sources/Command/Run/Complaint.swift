import Glibc
import ScopeModel

/// A message to the user on standard error, always exactly one line.
enum Complaint {
    /// Writes `ikescope: …`; control characters in `line` are escaped, because it may contain the name of a file.
    static func say(_ line: String) {
        if FaultGuard.wasSaid() { return }
        let sink = ByteSink()
        sink.literal("ikescope: ")
        sink.untrusted(line)
        sink.newline()
        // When standard error fails there is nobody to tell.
        _ = sink.withBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
