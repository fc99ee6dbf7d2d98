import Glibc

/// The three descriptors that every program is given, mostly.
enum StandardDescriptors {
    /// Fills those that are closed, so that no capture is opened in place of the output.
    ///
    /// They are opened the wrong way round: using them remains an error.
    static func fill() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest one that is free is taken: this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
