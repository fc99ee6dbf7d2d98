import ScopeWire

/// Cuts an ordered byte stream into IKE and ESP packets (RFC 9329 section 3), and finds the framing again where bytes
/// were lost or the capture began too late.
struct RecordFraming {
    /// Set when the connection was seen from its first byte.
    var startsFresh = false
    private(set) var isForeign = false

    private var state = State.start
    private var buffer: [UInt8] = []
    /// Bytes of `buffer` that are done with.
    private var used = 0
    /// Where each frame's bytes end in `buffer`.
    private var origins: [(end: Int, frame: Int)] = []
    /// The ESP packet seen last: what makes the next one plausible.
    private var lastESP: (spi: UInt32, sequence: UInt32)?
    private var foundAny = false
    /// Bytes passed in vain while looking for the framing.
    private var passed = 0

    private enum State {
        /// Nothing read yet: the prefix, or a record, or the middle of something.
        case start
        case framed
        /// Somewhere in a record.
        case lost
    }

    /// A stream that shows no framing in so many bytes is not ours.
    private static let patience = 1 << 18
    private static let smallestIKE = 2 + 4 + 28
    /// Length, SPI, sequence number, and the two bytes that end every ESP packet.
    private static let smallestESP = 2 + 8 + 2

    var heldBytes: Int { buffer.capacity + 16 * origins.capacity }

    mutating func add(_ bytes: [UInt8], frame: Int, _ records: inout [TCPRecord]) {
        guard !isForeign else { return }
        compact()
        buffer += bytes
        origins.append((buffer.count, frame))
        if state == .start { begin() }
        while true {
            if state == .framed { cut(&records) }
            guard state == .lost, search() else { break }
        }
    }

    /// Bytes are missing between what came and what comes.
    mutating func loseBytes() {
        passed += buffer.count - used
        clear()
        state = .lost
    }

    // MARK: -

    private var available: Int { buffer.count - used }

    private mutating func begin() {
        let count = min(available, TCPPrefix.bytes.count)
        if buffer[used..<(used + count)].elementsEqual(TCPPrefix.bytes[..<count]) {
            guard count == TCPPrefix.bytes.count else { return }
            used += count
            state = .framed
            foundAny = true
        } else if startsFresh {
            // The answering side sends no prefix; neither does a stream that is something else.
            guard available >= 2 + 8 else { return }
            if isPlausible(at: used) { state = .framed } else { isForeign = true }
            if isForeign { release() }
        } else {
            state = .lost
        }
    }

    /// Takes whole records off the buffer.
    private mutating func cut(_ records: inout [TCPRecord]) {
        while available >= 2 {
            let length = number16(at: used)
            guard length >= 2 + 4 else {
                state = .lost
                return
            }
            guard available >= length else { return }
            let body = Array(buffer[(used + 2)..<(used + length)])
            if body.count >= 8, body[0] != 0 || body[1] != 0 || body[2] != 0 || body[3] != 0 {
                lastESP = (number32(at: used + 2), number32(at: used + 6))
            }
            records.append(TCPRecord(bytes: body, frames: frames(of: used..<(used + length))))
            foundAny = true
            passed = 0
            used += length
        }
    }

    private func frames(of range: Range<Int>) -> [Int] {
        var result: [Int] = []
        // The first one that ends behind the beginning of the range.
        var (low, high) = (0, origins.count)
        while low < high {
            let middle = (low + high) / 2
            if origins[middle].end > range.lowerBound { high = middle } else { low = middle + 1 }
        }
        for origin in origins[low...] {
            if result.last != origin.frame { result.append(origin.frame) }
            if origin.end >= range.upperBound { break }
        }
        return result
    }

    /// Looks for a place where records may begin; false when more bytes are needed.
    private mutating func search() -> Bool {
        let segmentStart = origins.count > 1 ? max(used, origins[origins.count - 2].end) : used
        var at = used
        while at + Self.smallestESP <= buffer.count {
            if isRecord(at: at, startsSegment: at == segmentStart) {
                passed += at - used
                used = at
                state = .framed
                return true
            }
            at += 1
        }
        // A record that began in this segment and has not ended is given up with it: the next segment is tried afresh.
        passed += available
        clear()
        if passed > Self.patience, !foundAny {
            isForeign = true
            release()
        }
        return false
    }

    /// Strong evidence, from bytes that are here.
    private func isRecord(at index: Int, startsSegment: Bool) -> Bool {
        let length = number16(at: index)
        let marker = number32(at: index + 2)
        if marker == 0 { return isIKE(at: index, length: length) }
        guard length >= Self.smallestESP, marker >= 256, index + 10 <= buffer.count else { return false }
        let sequence = number32(at: index + 6)
        if let lastESP, lastESP.spi == marker, (1...0x10_0000).contains(sequence &- lastESP.sequence) { return true }
        let behind = index + length
        if behind == buffer.count { return startsSegment }
        guard behind + Self.smallestESP <= buffer.count else { return false }
        if number32(at: behind + 2) == 0 { return isIKE(at: behind, length: number16(at: behind)) }
        return number32(at: behind + 2) == marker && (1...64).contains(number32(at: behind + 6) &- sequence)
    }

    /// Weaker: the first bytes of a stream that nothing speaks against.
    private func isPlausible(at index: Int) -> Bool {
        let length = number16(at: index)
        if number32(at: index + 2) == 0 {
            return length >= Self.smallestIKE
                && (available < Self.smallestIKE || isIKE(at: index, length: length))
        }
        // A stream of ESP alone begins when IKE ran elsewhere: the first packets have small numbers.
        return length >= Self.smallestESP && number32(at: index + 2) >= 256 && number32(at: index + 6) < 0x10000
    }

    private func isIKE(at index: Int, length: Int) -> Bool {
        guard length >= Self.smallestIKE, index + Self.smallestIKE <= buffer.count else { return false }
        let header = index + 6
        let version = buffer[header + 17] >> 4
        return (version == 1 || version == 2) && Int(number32(at: header + 24)) == length - 6
    }

    private func number16(at index: Int) -> Int { Int(buffer[index]) << 8 | Int(buffer[index + 1]) }

    private func number32(at index: Int) -> UInt32 {
        UInt32(number16(at: index)) << 16 | UInt32(number16(at: index + 2))
    }

    private mutating func clear() {
        buffer.removeAll(keepingCapacity: true)
        origins.removeAll(keepingCapacity: true)
        used = 0
    }

    /// Gives the memory back: nothing more is read.
    private mutating func release() {
        (buffer, origins, used) = ([], [], 0)
    }

    /// Drops what is done with before more is added.
    private mutating func compact() {
        guard used > 0 else { return }
        buffer.removeFirst(used)
        origins.removeAll { $0.end <= used }
        for index in origins.indices { origins[index].end -= used }
        used = 0
    }
}
