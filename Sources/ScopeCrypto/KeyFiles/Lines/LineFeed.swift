import Glibc

/// Hands out the bytes of a file line by line, from one buffer that is wiped: memory does not grow with the file.
struct LineFeed {
    /// No line with a key is longer; a longer one is cut to this length, and says so.
    static let longestLine = 1 << 16

    private let descriptor: Int32
    private let path: String
    private let buffer: Secret
    private var start = 0
    private var end: Int
    private var isAtEnd = false
    private var number = 0

    /// Reads `head` first, then what `descriptor` still gives; -1: there is no more than the head, which may be changed.
    init(head: Secret, descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
        end = head.count
        if head.count >= Self.longestLine * 2 {
            buffer = head
        } else {
            buffer = Secret(count: Self.longestLine * 2)
            buffer.withMutableBytes { target in head.withBytes { target.copyMemory(from: $0) } }
        }
    }

    /// Calls `body` with the next line, without its end; false when there is none.
    mutating func next(_ body: (Line) -> Void) throws(KeyFileError) -> Bool {
        while true {
            if let length = length(from: start) {
                hand(start..<(start + length), isCut: length > Self.longestLine, body)
                start += length + 1
                return true
            }
            if isAtEnd {
                guard start < end else { return false }
                hand(start..<end, isCut: end - start > Self.longestLine, body)
                start = end
                return true
            }
            if start == 0, end == buffer.count {
                try dropRest()
                hand(0..<Self.longestLine, isCut: true, body)
                return true
            }
            try fill()
        }
    }

    private mutating func hand(_ range: Range<Int>, isCut: Bool, _ body: (Line) -> Void) {
        number += 1
        buffer.withBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[range].prefix(Self.longestLine))
            var line = Line(bytes, number: number, isCut: isCut)
            if line[line.count - 1] == 0x0d { line = line[0..<(line.count - 1)] }
            if number == 1, line.hasPrefix("\u{feff}") { line = line.dropFirst(3) }
            body(line)
        }
    }

    /// Bytes from `place` to the end of its line; nil when that is not in the buffer.
    private func length(from place: Int) -> Int? {
        buffer.withBytes { bytes in
            Line(UnsafeRawBufferPointer(rebasing: bytes[place..<end]), number: 0).find(0x0a)
        }
    }

    /// Reads on to the end of the line that fills the buffer; its first bytes stay where they are.
    private mutating func dropRest() throws(KeyFileError) {
        while true {
            end = Self.longestLine
            try fill()
            if let found = length(from: Self.longestLine) {
                start = Self.longestLine + found + 1
                return
            }
            if isAtEnd {
                start = end
                return
            }
        }
    }

    /// Reads more, behind what is left, which is moved to the front.
    private mutating func fill() throws(KeyFileError) {
        if start > 0 {
            let rest = start..<end
            buffer.withMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[rest])) }
            end -= start
            start = 0
        }
        guard descriptor >= 0 else {
            isAtEnd = true
            return
        }
        while true {
            let at = end
            let got = buffer.withMutableBytes { read(descriptor, $0.baseAddress.map { $0 + at }, $0.count - at) }
            if got >= 0 {
                isAtEnd = got == 0
                end += got
                return
            }
            guard errno == EINTR else {
                throw KeyFileError(String(cString: strerror(errno)), file: path, kind: .unreadable)
            }
        }
    }
}
