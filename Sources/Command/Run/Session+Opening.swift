import CLinux
import Glibc
import ScopeCapture
import ScopeCrypto

extension Session {
    /// Reads all key files; warns, once for each, of files that others may read and of keys that cannot be used.
    static func load(
        _ paths: [String], isQuiet: Bool, tellsRefusals: Bool = true
    ) throws(Failure) -> [KeyFile] {
        if !paths.isEmpty { forbid_dumps() }
        var files: [KeyFile] = []
        var warned: Set<String> = []
        for path in paths {
            do throws(KeyFileError) {
                files.append(try KeyFile.load(path))
            } catch {
                throw Failure(error, isForbidden: access(path, R_OK) != 0 && errno == EACCES)
            }
            guard !isQuiet, warned.insert(path).inserted else { continue }
            FileExposure.warn(of: path, .keys)
            if tellsRefusals, let warning = files.last?.shortcoming { Complaint.say("warning: \(warning)") }
        }
        return files
    }

    /// The list of candidate pre-shared keys, if there is one.
    static func candidates(_ configuration: Configuration, isQuiet: Bool) throws(Failure) -> CandidateSearch? {
        guard let path = configuration.pskList else { return nil }
        forbid_dumps()
        let list: PSKList
        do throws(KeyFileError) { list = try PSKList(path: path) } catch {
            throw Failure(error, isForbidden: access(path, R_OK) != 0 && errno == EACCES)
        }
        if !isQuiet { FileExposure.warn(of: path, .candidates) }
        return CandidateSearch(list, jobs: configuration.threads)
    }

    /// Opens the input; on an interface, capturing begins here.
    static func open(_ configuration: Configuration) throws(Failure) -> any CaptureSource {
        do throws(CaptureError) {
            switch configuration.input {
            case .files(let paths, let isFollowed):
                return try Captures.open(
                    paths: paths, filter: configuration.filter, follow: isFollowed, stop: Signals.stop,
                    readsAhead: configuration.threads > 1)
            case .interface(let name):
                return try listen(on: name, configuration)
            }
        } catch {
            // Opening a named pipe waits for its writer, and Ctrl-C makes it fail.
            if Signals.stop.isRaised { throw .quietEnd }
            throw Failure(error)
        }
    }

    private static func listen(
        on name: String, _ configuration: Configuration
    ) throws(CaptureError) -> any CaptureSource {
        var settings = configuration.live
        if configuration.output == .standardOutput, isatty(STDOUT_FILENO) == 1 {
            settings.delay = LiveSettings.watchedDelay
        }
        let isQuiet = configuration.isQuiet
        let source = try Captures.live(interface: name, settings: settings, stop: Signals.stop) {
            if !isQuiet { Complaint.say("warning: \($0)") }
        }
        if !isQuiet { Complaint.say("listening on \(name); Ctrl-C ends") }
        return source
    }

    /// Refuses an output that is also an input, because it would be emptied or replaced.
    ///
    /// - Parameter target: the output to check, if it is not that of `configuration`.
    static func checkOverlap(_ configuration: Configuration, target: Output.Target? = nil) throws(Failure) {
        let written: FileIdentity? =
            switch target ?? configuration.output {
            case .standardOutput: FileIdentity(descriptor: STDOUT_FILENO)
            case .file(let path): FileIdentity(path: path)
            }
        guard let written else { return }
        var paths = configuration.keys + [configuration.pskList].compactMap { $0 }
        if case .files(let files, _) = configuration.input { paths = files + paths }
        for path in paths {
            let read = path == "-" ? FileIdentity(descriptor: STDIN_FILENO) : FileIdentity(path: path)
            if read == written {
                throw Failure("\(path): is an input, and cannot be the output too", status: .usage)
            }
        }
    }
}

extension KeyFile {
    /// A warning of keys that the file lacks or that were refused; `keys check` has it line by line.
    fileprivate var shortcoming: String? {
        if let first = refused.first {
            let rest = refusedCount > 1 ? " (\(refusedCount - 1) more: ikescope keys check \(path))" : ""
            return "\(path): line \(first.line): left out: \(first.why)\(rest)"
        }
        guard count == 0, format != .json else { return nil }
        return "\(path): \(format.name) without keys: \(format.howToGetKeys)"
    }
}
