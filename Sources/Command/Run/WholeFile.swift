import CLinux
import Glibc
import ScopeCrypto

/// A file for keys, which exists whole or not at all.
///
/// It is written under another name in the same folder, for its owner alone, and renamed when it is complete. An older
/// file stays until then.
final class WholeFile {
    private let path: String
    private let folder: String
    private let name: String
    private let replaces: Bool
    /// The name until it is complete.
    private let provisional: String
    private var isWritten = false

    /// Checks whether `path` may be written.
    ///
    /// - Parameter replaces: whether an existing file or link is replaced; the target of a link is never touched.
    init(_ path: String, replaces: Bool) throws(Failure) {
        self.path = path
        self.replaces = replaces
        folder = Self.folder(of: path)
        let slash = path.lastIndex(of: "/")
        name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        provisional = ".ikescope-" + String(UInt64.random(in: .min ... .max), radix: 16)
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        switch status.st_mode & S_IFMT {
        case S_IFREG, S_IFLNK: if !replaces { throw Self.isPresent(path) }
        default: throw Failure("\(path): is not a file that can be replaced", status: .usage)
        }
    }

    deinit { if isWritten { unlink(place(provisional)) } }

    /// Writes all of it, under its provisional name.
    func write(_ text: SecretSink) throws(Failure) {
        let descriptor = open(place(provisional), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Output.failure(path, errno) }
        isWritten = true
        let code = text.withBytes { Self.write($0, to: descriptor) }
        // Errors that only fsync or close reports must be known before the older file goes.
        let synced = fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno
        let closed = close(descriptor) == 0 || errno == EINTR ? 0 : errno
        if let code = [code, synced, closed].first(where: { $0 != 0 }) { throw Output.failure(path, code) }
    }

    /// Gives it its name.
    func commit() throws(Failure) {
        guard isWritten else { return }
        let code =
            replaces
            ? rename(place(provisional), place(name)) : rename_without_replacing(place(provisional), place(name))
        guard code == 0 else { throw errno == EEXIST ? Self.isPresent(path) : Output.failure(path, errno) }
        isWritten = false
    }

    /// The folder of a path.
    static func folder(of path: String) -> String {
        var path = path[...]
        while path.last == "/", path.count > 1 { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func place(_ name: String) -> String { folder == "/" ? "/\(name)" : "\(folder)/\(name)" }

    private static func isPresent(_ path: String) -> Failure {
        Failure("\(path): exists already; --force replaces it", status: .usage)
    }

    /// Returns 0, or the error that kept the text from being written.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count > 0 { done += count } else if count == 0 || errno != EINTR { return count == 0 ? EIO : errno }
        }
        return 0
    }
}
