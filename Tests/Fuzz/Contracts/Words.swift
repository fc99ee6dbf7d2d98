import Glibc
import ScopeCrypto

/// A list of candidates for pre-shared keys, in a file that has no name any more.
enum Words {
    static let list = Result {
        var name = Array("/tmp/ikescope-words-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        try require(descriptor >= 0, "no file for the list of candidates: errno \(errno)")
        _ = unlink(name)
        let text = Array("cisco\ncisco123\nlab-Secret-12a\nGroupSecret9\n\nwonderland\n".utf8)
        try require(write(descriptor, text, text.count) == text.count, "the list of candidates was not written")
        return try PSKList(path: "/proc/self/fd/\(descriptor)")
    }
}
