import ScopeCapture
import ScopeConfig
import ScopeCrypto

/// The failure of a run: a line for the user, and the exit status.
struct Failure: Error {
    /// The exit statuses, after sysexits.h.
    enum Status: Int32 {
        case done = 0
        case found = 1
        case usage = 64
        case data = 65
        case noInput = 66
        case output = 74
        case notPermitted = 77
    }

    /// The line for the user; nil where none is needed.
    var line: String?
    var status: Int32

    init(_ line: String, status: Status) {
        self.line = line
        self.status = status.rawValue
    }

    init(_ error: CaptureError) {
        line = "\(error)"
        status = error.exitStatus
    }

    init(_ error: KeyFileError, isForbidden: Bool) {
        line = "\(error)"
        let status: Status =
            switch error.kind {
            case .content: .data
            case .unreadable: isForbidden ? .notPermitted : .noInput
            }
        self.status = status.rawValue
    }

    init(_ error: ConfigError, isForbidden: Bool) {
        line = "\(error)"
        let status: Status =
            switch error.kind {
            case .malformed: .data
            case .unreadable: isForbidden ? .notPermitted : .noInput
            }
        self.status = status.rawValue
    }

    private init(status: Status) { self.status = status.rawValue }

    /// The reader of the output has gone, or the user ended the run before anything was read: nothing is reported.
    static let quietEnd = Failure(status: .done)

    /// The run succeeded, and it found errors.
    static let errorsFound = Failure(status: .found)
}
