import Glibc

// Not in Glibc's module.
@_silgen_name("pipe2") private func pipe2(_ ends: UnsafeMutablePointer<Int32>, _ flags: Int32) -> Int32

/// A program that a test starts.
///
/// Foundation's `Process` hands the blocked signals of a dispatch thread down to the program, which then hears no Ctrl-C,
/// and now and then misses the end of a program that another thread waits for, too. This one starts it with no signal
/// blocked, gives it three descriptors, and waits for it itself.
public final class ChildProcess {
    /// What the program's standard input is.
    public enum Input {
        case empty, pipe
        case file(String)
    }

    /// What becomes of its standard error.
    public enum Errors { case inherited, discarded, pipe }

    public let processID: pid_t
    /// Its standard output; the reader closes it.
    public let output: Int32
    /// Its standard error, when that is a pipe; the reader closes it.
    public let errors: Int32?
    /// Its standard input, when that is a pipe; the writer closes it.
    public let input: Int32?

    private var ended: Int32?

    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// Starts `arguments[0]`, which is looked up in PATH.
    public init(
        _ arguments: [String], environment: [String: String]? = nil, input: Input = .empty, errors: Errors = .inherited
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Closed in the child by themselves; only the three that it is to have are copied.
        var theirs: [Int32] = []
        defer { for descriptor in theirs { close(descriptor) } }

        let out = try Self.pipe()
        theirs.append(out.write)
        posix_spawn_file_actions_adddup2(&actions, out.write, 1)
        output = out.read
        switch input {
        case .pipe:
            let pipe = try Self.pipe()
            theirs.append(pipe.read)
            posix_spawn_file_actions_adddup2(&actions, pipe.read, 0)
            self.input = pipe.write
        case .empty, .file:
            var path = "/dev/null"
            if case .file(let name) = input { path = name }
            posix_spawn_file_actions_addopen(&actions, 0, path, O_RDONLY, 0)
            self.input = nil
        }
        switch errors {
        case .inherited: self.errors = nil
        case .discarded:
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
            self.errors = nil
        case .pipe:
            let pipe = try Self.pipe()
            theirs.append(pipe.write)
            posix_spawn_file_actions_adddup2(&actions, pipe.write, 2)
            self.errors = pipe.read
        }
        processID = try Self.start(arguments, environment, actions)
    }

    /// False once it has ended, also before anybody waits for it.
    public var isRunning: Bool {
        guard ended == nil else { return false }
        var information = siginfo_t()
        let code = waitid(P_PID, id_t(processID), &information, WEXITED | WNOHANG | WNOWAIT)
        return code == 0 && information.si_signo == 0
    }

    /// The exit status, or the negative number of the signal that ended it.
    @discardableResult
    public func wait() -> Int32 {
        if let ended { return ended }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        let result = status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
        ended = result
        return result
    }

    /// Reads a descriptor to its end and closes it.
    public static func readAll(_ descriptor: Int32) -> [UInt8] {
        defer { close(descriptor) }
        var result: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &block, block.count)
            if count > 0 { result += block[..<count] } else if count == 0 || errno != EINTR { return result }
        }
    }

    /// Runs a program to its end: its status, 127 when it is not installed, and all that it printed.
    @discardableResult
    public static func run(
        _ arguments: [String], input: Input = .empty, errors: Errors = .inherited
    ) throws -> (status: Int32, output: [UInt8]) {
        // Nobody would read a pipe of errors here.
        let child = try ChildProcess(arguments, input: input, errors: errors == .pipe ? .discarded : errors)
        let output = readAll(child.output)
        return (child.wait(), output)
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Failure(description: "no pipe: errno \(errno)") }
        return (ends[0], ends[1])
    }

    private static func start(
        _ arguments: [String], _ environment: [String: String]?, _ actions: posix_spawn_file_actions_t
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = arguments.map { strdup($0) } + [nil]
        let variables = (environment ?? [:]).map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var actions = actions
        var processID: pid_t = 0
        let program = arguments.first ?? ""
        let code =
            environment == nil
            ? posix_spawnp(&processID, program, &actions, &attributes, words, environ)
            : posix_spawnp(&processID, program, &actions, &attributes, words, variables)
        // What a shell says of a program that is not there.
        if code == ENOENT { return try start(["sh", "-c", "exit 127"], nil, actions) }
        guard code == 0 else {
            throw Failure(description: "\(program): \(String(cString: strerror(code)))")
        }
        return processID
    }
}
