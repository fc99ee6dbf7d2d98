import Glibc

/// The three standard descriptors, which may be closed when the program starts.
enum StandardDescriptors {
    /// Opens those that are closed, so that no capture takes the place of the output.
    ///
    /// They are opened in the wrong direction, so that using them remains an error.
    static func fill() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The system takes the lowest free descriptor, which is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}
