import ScopeDissect
import ScopeWire

/// One direction of a TCP connection: puts segments in order and hands them to the framing.
struct TCPStream {
    private var framing = RecordFraming()
    /// Sequence number of the next byte; nil before the first segment.
    private var next: UInt32?
    /// Segments ahead of a gap, nearest first.
    private var early: [Early] = []
    private var earlyBytes = 0

    private struct Early {
        var sequence: UInt32
        var bytes: [UInt8]
        var frame: Int
        var time: Instant
    }

    private static let mostEarly = 64
    private static let mostEarlyBytes = 1 << 19
    private static let longestWait: Int64 = 2_000_000_000
    /// Farther from the expected byte than any window: another connection of the same ports.
    private static let farthest: Int32 = 1 << 24

    /// True when this was found to carry something else than IKE and ESP.
    var isForeign: Bool { framing.isForeign }

    var heldBytes: Int { 256 + earlyBytes + 64 * early.count + framing.heldBytes }

    mutating func add(_ segment: TCPSegment, _ bytes: [UInt8], frame: Frame) -> [TCPRecord] {
        var records: [TCPRecord] = []
        if segment.isSYN {
            let first = segment.sequence &+ 1
            // A SYN that was sent again, or seen twice, changes nothing.
            if next == nil || distance(first) > 0 || distance(first) < -Self.farthest || framing.isForeign {
                self = TCPStream()
                next = first
                framing.startsFresh = true
            }
            if !bytes.isEmpty { place(bytes, at: first, frame, &records) }
            return records
        }
        if !bytes.isEmpty, !framing.isForeign {
            place(bytes, at: segment.sequence, frame, &records)
        }
        if segment.isFIN || segment.isRST {
            while !early.isEmpty { skipGap(&records) }
        }
        return records
    }

    private func distance(_ sequence: UInt32) -> Int32 { Int32(bitPattern: sequence &- (next ?? sequence)) }

    private mutating func place(_ bytes: [UInt8], at sequence: UInt32, _ frame: Frame, _ records: inout [TCPRecord]) {
        if next == nil { next = sequence }
        let ahead = distance(sequence)
        if ahead > Self.farthest || ahead < -Self.farthest {
            self = TCPStream()
            next = sequence
            deliver(bytes, frame.number, &records)
        } else if ahead <= 0 {
            // What was there before is not looked at again.
            let old = Int(-ahead)
            if old < bytes.count { deliver(old == 0 ? bytes : Array(bytes[old...]), frame.number, &records) }
        } else {
            hold(Early(sequence: sequence, bytes: bytes, frame: frame.number, time: frame.time))
        }
        drain(&records)
        while let first = early.first,
            early.count > Self.mostEarly || earlyBytes > Self.mostEarlyBytes
                || frame.time.since(first.time) > Self.longestWait
        {
            skipGap(&records)
        }
    }

    private mutating func deliver(_ bytes: [UInt8], _ frame: Int, _ records: inout [TCPRecord]) {
        next = next.map { $0 &+ UInt32(truncatingIfNeeded: bytes.count) }
        framing.add(bytes, frame: frame, &records)
    }

    private mutating func hold(_ segment: Early) {
        let ahead = distance(segment.sequence)
        let index = early.firstIndex { distance($0.sequence) >= ahead } ?? early.count
        if index < early.count, early[index].sequence == segment.sequence {
            guard early[index].bytes.count < segment.bytes.count else { return }
            earlyBytes -= early[index].bytes.count
            early[index] = segment
        } else {
            early.insert(segment, at: index)
        }
        earlyBytes += segment.bytes.count
    }

    /// Delivers what is no longer early.
    private mutating func drain(_ records: inout [TCPRecord]) {
        while let first = early.first, distance(first.sequence) <= 0 {
            early.removeFirst()
            earlyBytes -= first.bytes.count
            let old = Int(-distance(first.sequence))
            if old < first.bytes.count { deliver(Array(first.bytes[old...]), first.frame, &records) }
        }
    }

    /// Gives up the bytes before the nearest early segment.
    private mutating func skipGap(_ records: inout [TCPRecord]) {
        guard let first = early.first else { return }
        next = first.sequence
        framing.loseBytes()
        drain(&records)
    }
}
