import Dispatch

/// Reads the next block of a file, decompressed, while the last one is worked on.
final class BlockAhead: @unchecked Sendable {
    /// The room before the bytes of a block, for the unread rest of the block before.
    private static let headroom = 1 << 16

    private let input: FileInput
    private let length: Int
    // The reading thread has these between `start` and the end of the group, the other one between that and `start`.
    private var block: UnsafeMutableRawPointer
    private var capacity: Int
    private var outcome = Result<FileInput.Outcome, CaptureError>.success(.end)
    /// The result of the last read.
    private var ending = Result<FileInput.Outcome, CaptureError>.success(.bytes(0))
    private let queue = DispatchQueue(label: "reading")
    private let isReading = DispatchGroup()
    /// The bytes of the file that were read for the blocks taken so far.
    private(set) var consumed: UInt64

    /// Begins to read at once.
    init(_ input: FileInput, length: Int) {
        self.input = input
        self.length = length
        capacity = Self.headroom + length
        block = .allocate(byteCount: capacity, alignment: 16)
        consumed = input.consumed
        start()
    }

    deinit { block.deallocate() }

    /// Puts the next block behind the unread bytes of `window`; an error names `frames`, the number read before it.
    func take(into window: inout ByteWindow, frames: Int) throws(CaptureError) -> FileInput.Outcome {
        isReading.wait()
        consumed = input.consumed
        switch outcome {
        case .success(.bytes(let count)) where count > 0:
            window.adopt(&block, &capacity, Self.headroom..<(Self.headroom + count))
            start()
            return .bytes(count)
        case .success: return .end
        case .failure(let error): throw error.behind(frames)
        }
    }

    private func start() {
        // The first time, the window gives its own first memory in exchange.
        if capacity < Self.headroom + length {
            block.deallocate()
            capacity = Self.headroom + length
            block = .allocate(byteCount: capacity, alignment: 16)
        }
        queue.async(group: isReading) { self.read() }
    }

    /// Reads a whole block, because it takes time to wake a thread up; an error that ends it early comes with the next.
    private func read() {
        let room = UnsafeMutableRawBufferPointer(start: block + Self.headroom, count: length)
        var count = 0
        while count < length, case .success(.bytes) = ending {
            ending = Result { () throws(CaptureError) in
                try input.read(into: UnsafeMutableRawBufferPointer(rebasing: room[count...]), frames: 0)
            }
            if case .success(.bytes(let more)) = ending { count += more }
        }
        outcome = count > 0 ? .success(.bytes(count)) : ending
    }
}
