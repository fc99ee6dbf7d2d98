import Glibc
import ScopeCapture
import ScopeModel

/// What the options of a reading command come to.
struct Configuration {
    enum Input: Hashable {
        case files([String], isFollowed: Bool)
        case interface(String)

        var isLive: Bool { if case .interface = self { true } else { false } }

        /// Whether waiting can bring more.
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
    /// Of an interface.
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
    /// Whom root becomes when the input is open; nil: who called sudo.
    var user: String?
    var isSandboxed = true
    /// Where files are made at the end of the run; nil for nowhere.
    var folder: String?

    /// Whether anything is opened that stays closed to others.
    var hasKeys: Bool { !keys.isEmpty || pskList != nil }

    var threads: Int { jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
