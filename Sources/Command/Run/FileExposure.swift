import Glibc

/// Tells who beside the user may read, change or replace a file that holds keys.
struct FileExposure {
    /// The kind of file, in words for the user.
    enum Kind: String {
        case keys = "key file"
        case candidates = "list of keys"
        case configuration = "configuration"
    }

    /// A file of this name in the folder of a key file, or in the one above, says that the keys there are published.
    static let publishedMark = "PUBLISHED-KEYS"

    /// The warnings, a line each.
    private(set) var warnings: [String] = []

    /// Examines the file at `path`; for a pipe or a device there are no warnings.
    init(of path: String, _ kind: Kind) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        let folders = Self.folders(of: path)
        guard !Self.isPublished(folders, owner: status.st_uid) else { return }
        if let access = Self.access(status.st_mode) {
            warnings.append("\(path): \(kind.rawValue) can be \(access); chmod 600 keeps it private")
        }
        if !Self.isTrusted(status.st_uid) {
            warnings.append("\(path): \(kind.rawValue) belongs to user \(status.st_uid), who is neither you nor root")
        }
        if let open = folders.first(where: Self.isOpen) {
            warnings.append(
                "\(path): \(kind.rawValue) can be replaced by everybody, who may write to the folder \(open)")
        }
    }

    /// Writes the warnings to standard error.
    static func warn(of path: String, _ kind: Kind) {
        for warning in FileExposure(of: path, kind).warnings { Complaint.say("warning: \(warning)") }
    }

    /// "read and written by everybody"; nil where only the owner may do anything.
    private static func access(_ mode: mode_t) -> String? {
        guard mode & 0o077 != 0 else { return nil }
        var verbs: [String] = []
        if mode & 0o044 != 0 { verbs.append("read") }
        if mode & 0o022 != 0 { verbs.append("written") }
        if verbs.isEmpty { verbs.append("executed") }
        return verbs.joined(separator: " and ") + (mode & 0o007 != 0 ? " by everybody" : " by its group")
    }

    private static func isTrusted(_ owner: uid_t) -> Bool {
        owner == 0 || owner == getuid() || owner == geteuid() || owner == Invoker.user?.id
    }

    /// The folder of the path, then all folders above the file that the path leads to.
    private static func folders(of path: String) -> [String] {
        var folders = [parent(of: path)]
        guard let resolved = realpath(path, nil) else { return folders }
        defer { free(resolved) }
        var place = String(cString: resolved)
        while place != "/" {
            place = parent(of: place)
            folders.append(place)
        }
        return folders
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether everybody may write to the folder, without a sticky bit that protects the files of others.
    private static func isOpen(_ folder: String) -> Bool {
        var status = stat()
        return stat(folder, &status) == 0 && status.st_mode & 0o002 != 0 && status.st_mode & S_ISVTX == 0
    }

    /// Only the owner of the file, or root, can say that its keys are published.
    private static func isPublished(_ folders: [String], owner: uid_t) -> Bool {
        folders.dropFirst().prefix(2).contains { folder in
            var status = stat()
            return lstat("\(folder)/\(publishedMark)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                && (status.st_uid == owner || status.st_uid == 0)
        }
    }
}
