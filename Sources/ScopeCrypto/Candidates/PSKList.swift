import Glibc
import Synchronization

/// A file of candidate pre-shared keys, one a line: read in blocks, as it may be larger than memory.
public final class PSKList: Sendable {
    /// The file's name without its folder; it leads the name of a key that is found in it.
    public let name: String
    // Stays open: the name may be gone, or forbidden, when the list is read.
    private let descriptor: CInt

    /// Fails with the path and the reason when the file cannot be read.
    public init(path: String) throws(KeyFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw KeyFileError(String(cString: strerror(errno)), file: path, kind: .unreadable)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw KeyFileError("not a regular file, but a list of keys is read more than once", file: path)
        }
        self.descriptor = descriptor
        name = path.split(separator: "/").last.map(String.init) ?? path
    }

    deinit { close(descriptor) }

    /// One pass over the list, shared by several threads.
    func pass() -> Pass { Pass(self) }

    /// Hands the list out in blocks of whole lines.
    final class Pass: Sendable {
        private struct State {
            /// Where the next block begins in the file.
            var offset: off_t = 0
            var nextLine = 1
            /// The beginning of a line whose end was not read yet.
            var rest: [UInt8] = []
            /// A line without an end in sight: what follows belongs to it.
            var isSkipping = false
            var isAtEnd = false
        }

        private let list: PSKList
        private let state = Mutex(State())

        fileprivate init(_ list: PSKList) { self.list = list }

        /// Lines read so far.
        var lines: Int { state.withLock { $0.nextLine - 1 } }

        /// Fills `block` with whole lines; gives their bytes and the number of the first, nil at the end.
        ///
        /// A line as long as a block is counted, and passed over.
        func next(into block: UnsafeMutableRawBufferPointer) -> (count: Int, firstLine: Int)? {
            state.withLock { state in
                while !state.isAtEnd {
                    var count = min(state.rest.count, block.count)
                    state.rest.withUnsafeBytes {
                        block.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
                    }
                    state.rest = []
                    while count < block.count {
                        let got = pread(
                            list.descriptor, block.baseAddress.map { $0 + count }, block.count - count, state.offset)
                        if got < 0, errno == EINTR { continue }
                        guard got > 0 else {
                            state.isAtEnd = true
                            break
                        }
                        count += got
                        state.offset += off_t(got)
                    }
                    let whole = state.isAtEnd ? count : (block[..<count].lastIndex(of: 10) ?? -1) + 1
                    guard whole > 0 else {
                        state.isSkipping = count > 0
                        continue
                    }
                    state.rest = Array(block[whole..<count])
                    return lines(UnsafeRawBufferPointer(rebasing: block[..<whole]), &state, block)
                }
                return nil
            }
        }

        /// Counts the lines of a block, and drops the end of a line that was passed over.
        private func lines(
            _ bytes: UnsafeRawBufferPointer, _ state: inout State, _ block: UnsafeMutableRawBufferPointer
        ) -> (count: Int, firstLine: Int) {
            let first = state.nextLine
            var count = bytes.count
            state.nextLine += bytes.count { $0 == 10 } + (bytes.last == 10 ? 0 : 1)
            if state.isSkipping {
                state.isSkipping = false
                guard let end = bytes.firstIndex(of: 10) else { return (0, first) }
                // An empty line takes its place, so that the numbers stay right.
                block[end] = 10
                count -= end
                block.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[end...]))
            }
            return (count, first)
        }
    }
}
