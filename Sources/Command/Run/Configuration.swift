import Glibc
import ScopeCapture
import ScopeModel

/// The settings that follow from the options of a reading command.
struct Configuration {
    enum Input: Hashable {
        case files([String], isFollowed: Bool)
        case interface(String)

        var isLive: Bool { if case .interface = self { true } else { false } }

        /// Whether more may come later.
        var isGrowing: Bool {
            switch self {
            case .interface: true
            case .files(_, let isFollowed): isFollowed
            }
        }
    }

    var input: Input
    /// In tcpdump's language.
    var filter: String?
    /// The settings of a live capture.
    var live = LiveSettings()
    var extent: Extent
    /// Paths of key files.
    var keys: [String]
    /// Path of a list of candidate pre-shared keys.
    var pskList: String?
    /// Threads; nil for as many as there are processors.
    var jobs: Int?
    var conditions: Conditions
    var output: Output.Target
    var isQuiet: Bool
    /// The user that root becomes when the input is open; nil for the one who called sudo.
    var user: String?
    var isSandboxed = true
    /// The folder in which files are made at the end of the run; nil for none.
    var folder: String?

    /// Whether there are keys, whose results are for the user alone.
    var hasKeys: Bool { !keys.isEmpty || pskList != nil }

    var threads: Int { jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
