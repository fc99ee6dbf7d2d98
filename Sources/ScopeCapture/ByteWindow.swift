import Glibc

/// The part of a file that is in memory: one block, whose unread rest moves to its front when more is read.
struct ByteWindow: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// The unread bytes.
    private(set) var start = 0
    private(set) var end = 0
    /// Place of `start` in the (uncompressed) file.
    private(set) var offset: UInt64 = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    var count: Int { end - start }

    /// All bytes up to `end`, so that offsets stay valid while bytes are consumed.
    var readable: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: end) }

    mutating func pass(_ length: Int) {
        start += length
        offset &+= UInt64(length)
    }

    /// Makes room for `length` unread bytes and returns the free part behind those that are there.
    mutating func room(for length: Int) -> UnsafeMutableRawBufferPointer {
        if length > capacity {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 16)
            larger.copyMemory(from: base + start, byteCount: count)
            base.deallocate()
            (base, capacity) = (larger, length)
            (start, end) = (0, end - start)
        } else if start > 0 {
            memmove(base, base + start, count)
            (start, end) = (0, end - start)
        }
        return UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
    }

    mutating func filled(_ count: Int) { end += count }

    /// Exchanges its memory for another piece that has new bytes at `data`; the unread bytes go before these.
    mutating func adopt(_ block: inout UnsafeMutableRawPointer, _ blockCapacity: inout Int, _ data: Range<Int>) {
        let unread = count
        guard unread <= data.lowerBound else {
            room(for: unread + data.count).copyMemory(
                from: UnsafeRawBufferPointer(start: block + data.lowerBound, count: data.count))
            filled(data.count)
            return
        }
        (block + data.lowerBound - unread).copyMemory(from: base + start, byteCount: unread)
        swap(&base, &block)
        swap(&capacity, &blockCapacity)
        (start, end) = (data.lowerBound - unread, data.upperBound)
    }
}
