import Glibc

extension KeyFile {
    /// No sensible JSON key file is larger: the keys of 200 000 negotiations take about a third of it.
    package static let largest = 1 << 28
    /// The most keys that are taken from one file.
    package static let mostRows = 1 << 20

    /// Loads the ciphers that libcrypto has in files of their own.
    public static func prepareCiphers() { Providers.load() }

    /// Keeps loaded keys from being swapped out, in a child process.
    public static func lockSecrets() { SecretMemory.lockAgain() }

    /// Reads the key file at `path` (a pipe will do); its content tells what form it has.
    public static func load(_ path: String) throws(KeyFileError) -> KeyFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KeyFileError(String(cString: strerror(errno)), file: path, kind: .unreadable)
        }
        defer { close(descriptor) }
        let head = try read(descriptor, path, most: 1 << 16)
        do throws(KeyFileError) {
            if KeyFileContent.isJSON(head) {
                return try KeyFileDecoder.decode(try whole(descriptor, path, head), path: path)
            }
            return try lines(LineFeed(head: head, descriptor: descriptor, path: path), head, path: path)
        } catch { throw error.named(path) }
    }

    /// Decodes a key file's bytes; the caller wipes its own copy.
    public init(bytes: [UInt8], path: String) throws(KeyFileError) {
        let text = Secret(copying: bytes)
        do throws(KeyFileError) {
            self =
                KeyFileContent.isJSON(text)
                ? try KeyFileDecoder.decode(text, path: path)
                : try Self.lines(LineFeed(head: text, descriptor: -1, path: path), text.slice(0..<4096), path: path)
        } catch { throw error.named(path) }
    }

    /// What is there of the next `most` bytes.
    private static func read(_ descriptor: Int32, _ path: String, most: Int) throws(KeyFileError) -> Secret {
        let buffer = Secret(count: most)
        var count = 0
        while count < most {
            let got = buffer.withMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, most - count)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw KeyFileError(String(cString: strerror(errno)), file: path, kind: .unreadable)
            }
            if got == 0 { break }
            count += got
        }
        return buffer.slice(0..<count)
    }

    private static func whole(_ descriptor: Int32, _ path: String, _ head: Secret) throws(KeyFileError) -> Secret {
        var text = head
        while true {
            let more = try read(descriptor, path, most: max(text.count, 1 << 16))
            guard more.count > 0 else { return text }
            guard text.count + more.count <= largest else { throw KeyFileError("larger than \(largest >> 20) MiB") }
            let larger = Secret(count: text.count + more.count)
            larger.withMutableBytes { target in
                text.withBytes { target.copyMemory(from: $0) }
                more.withBytes { UnsafeMutableRawBufferPointer(rebasing: target[text.count...]).copyMemory(from: $0) }
            }
            text = larger
        }
    }

    /// Reads lines until one tells the form, then lets the reader of that form have it and all that follow.
    private static func lines(_ feed: LineFeed, _ head: Secret, path: String) throws(KeyFileError) -> KeyFile {
        if let kind = KeyFileContent.binaryKind(head) { throw KeyFileContent.refusal(kind) }
        var feed = feed
        var file = KeyFile(path: path)
        var reader: (any KeyLineReader)?
        var holdsText = false
        var census = ConfigurationCensus()
        while try feed.next({ line in
            if reader == nil, let type = KeyFileFormat.readers.first(where: { $0.recognizes(line) }) {
                reader = type.init()
                file.format = type.format
            }
            if reader == nil || file.format == .ios { census.take(line) }
            holdsText = holdsText || !line.trimmed.isEmpty
            reader?.take(line, into: &file)
        }) {
            guard file.count <= mostRows else { throw KeyFileError("holds more than \(mostRows) keys") }
        }
        reader?.finish(into: &file)
        if reader != nil, file.format == .ios, census.isPage {
            throw KeyFileContent.refusal(
                "is text with lines of an IOS configuration in it, and not a configuration: give only those lines")
        }
        guard reader != nil else {
            throw holdsText ? KeyFileContent.refusal(KeyFileContent.textKind(head)) : KeyFileContent.refusal("is empty")
        }
        return file
    }
}

extension KeyFileError {
    fileprivate func named(_ path: String) -> KeyFileError {
        var error = self
        error.file = path
        return error
    }
}
