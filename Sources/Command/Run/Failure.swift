import ScopeCapture
import ScopeConfig
import ScopeCrypto

/// How a run ends when it does not end well: a line for the user, and what the program exits with.
struct Failure: Error {
    /// After sysexits.h.
    enum Status: Int32 {
        case done = 0
        case found = 1
        case usage = 64
        case data = 65
        case noInput = 66
        case output = 74
        case notPermitted = 77
    }

    /// Nil: nothing needs to be said.
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

    /// Whoever read the output has enough, or the user has before anything was read: no news.
    static let quietEnd = Failure(status: .done)

    /// The run went well, and what it found is bad.
    static let errorsFound = Failure(status: .found)
}
