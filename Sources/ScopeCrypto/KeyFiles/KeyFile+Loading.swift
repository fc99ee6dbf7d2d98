import Glibc

extension KeyFile {
    /// No sensible key file is larger; 200 000 negotiations of a lab run take about a third.
    package static let largest = 1 << 28

    /// Reads the key file at `path` (a pipe will do).
    public static func load(_ path: String) throws(KeyFileError) -> KeyFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KeyFileError(String(cString: strerror(errno)), file: path, kind: .unreadable)
        }
        defer { close(descriptor) }
        var text = Secret(count: 1 << 16)
        var count = 0
        while true {
            if count == text.count {
                guard count < largest else { throw KeyFileError("larger than \(largest >> 20) MiB", file: path) }
                let larger = Secret(count: count * 2)
                larger.withMutableBytes { target in text.withBytes { target.copyMemory(from: $0) } }
                text = larger
            }
            let got = text.withMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count) }
            if got < 0 {
                if errno == EINTR { continue }
                throw KeyFileError(String(cString: strerror(errno)), file: path, kind: .unreadable)
            }
            if got == 0 { break }
            count += got
        }
        return try KeyFile(text: text.slice(0..<count), path: path)
    }

    /// Decodes a key file's bytes; the caller wipes its own copy.
    public init(bytes: [UInt8], path: String) throws(KeyFileError) {
        try self.init(text: Secret(copying: bytes), path: path)
    }

    init(text: Secret, path: String) throws(KeyFileError) {
        do throws(KeyFileError) {
            self = try KeyFileDecoder.decode(text, path: path)
        } catch {
            var named = error
            named.file = path
            throw named
        }
    }

    /// What to warn of when others may read the file at `path`; nil when only its owner can, or when it is no file.
    public static func exposure(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o044 != 0 else {
            return nil
        }
        let who = status.st_mode & 0o004 != 0 ? "everybody" : "its group"
        return "\(path): key file can be read by \(who); chmod 600 keeps it private"
    }
}
