import ScopeWire

/// Writes pcapng (little-endian, times in nanoseconds) to the end of a buffer that the caller owns and empties.
///
/// A file is one `section`, its interfaces in the order of their ids, then packets.
public enum PcapngWriter {
    /// The longest option that a 16-bit length can describe; longer texts are cut between characters.
    public static let longestOption = 65_535

    /// Appends a section header block.
    public static func section(
        to out: inout [UInt8], application: String? = nil, comment: String? = nil
    ) {
        let start = open(BlockType.section, in: &out)
        append(0x1a2b_3c4d as UInt32, to: &out)
        append(1 as UInt16, to: &out)
        append(0 as UInt16, to: &out)
        append(UInt64.max, to: &out)  // length of the section: not known
        option(1, comment, to: &out)
        option(4, application, to: &out)
        if comment != nil || application != nil { append(0 as UInt32, to: &out) }
        close(start, in: &out)
    }

    /// Appends an interface description block; the first one of a section has id 0.
    public static func interface(_ interface: CaptureInterface, to out: inout [UInt8]) {
        let start = open(BlockType.interface, in: &out)
        append(interface.linkType.rawValue, to: &out)
        append(0 as UInt16, to: &out)
        append(UInt32(clamping: interface.snapLength), to: &out)
        option(2, interface.name, to: &out)
        option(3, interface.description, to: &out)
        append(9 as UInt16, to: &out)
        append(1 as UInt16, to: &out)
        append(9 as UInt32, to: &out)  // if_tsresol 10^-9, and its padding
        append(0 as UInt32, to: &out)
        close(start, in: &out)
    }

    /// Appends an interface statistics block: the known counters of an interface up to `time`.
    public static func statistics(
        interface: UInt32 = 0, time: Instant, _ counts: InterfaceCounts, to out: inout [UInt8]
    ) {
        let start = open(BlockType.statistics, in: &out)
        let ticks = UInt64(clamping: time.nanoseconds)
        append(interface, to: &out)
        append(UInt32(truncatingIfNeeded: ticks >> 32), to: &out)
        append(UInt32(truncatingIfNeeded: ticks), to: &out)
        // isb_ifdrop, isb_filteraccept, isb_osdrop, isb_usrdeliv
        for (code, count) in [
            (5, counts.droppedByInterface), (6, counts.accepted), (7, counts.droppedBySystem), (8, counts.delivered),
        ] as [(UInt16, UInt64?)] {
            guard let count else { continue }
            append(code, to: &out)
            append(8 as UInt16, to: &out)
            append(count, to: &out)
        }
        append(0 as UInt32, to: &out)
        close(start, in: &out)
    }

    /// Packets of one interface, from the beginning of the capture on.
    public struct InterfaceCounts: Hashable, Sendable {
        public var droppedByInterface: UInt64?
        /// Those that passed the filter.
        public var accepted: UInt64?
        public var droppedBySystem: UInt64?
        /// Those that the capturing program got.
        public var delivered: UInt64?

        public init() {}
    }

    /// The length of an enhanced packet block for a packet and a comment of these lengths; 0 is no comment.
    public static func packetLength(captured: Int, comment: Int = 0) -> Int {
        let options = comment > 0 ? 4 + padded(min(comment, longestOption)) + 4 : 0
        return 32 + padded(captured) + options
    }

    /// Writes an enhanced packet block of `packetLength` bytes to `out`.
    ///
    /// A time before 1970 cannot be written and becomes 1970. A comment that is too long is cut.
    public static func packet(
        into out: UnsafeMutableRawBufferPointer, interface: UInt32 = 0, time: Instant, bytes: UnsafeRawBufferPointer,
        originalLength: Int? = nil, comment: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        func put<T: FixedWidthInteger>(_ value: T, _ at: Int) {
            out.storeBytes(of: value.littleEndian, toByteOffset: at, as: T.self)
        }
        func fill(_ range: Range<Int>) { for index in range { out[index] = 0 } }
        let ticks = UInt64(clamping: time.nanoseconds)
        let length = packetLength(captured: bytes.count, comment: comment.count)
        precondition(length == out.count)
        put(BlockType.enhancedPacket, 0)
        put(UInt32(clamping: length), 4)
        put(interface, 8)
        put(UInt32(truncatingIfNeeded: ticks >> 32), 12)
        put(UInt32(truncatingIfNeeded: ticks), 16)
        put(UInt32(clamping: bytes.count), 20)
        put(UInt32(clamping: originalLength ?? bytes.count), 24)
        UnsafeMutableRawBufferPointer(rebasing: out[28..<(28 + bytes.count)]).copyMemory(from: bytes)
        var at = 28 + padded(bytes.count)
        fill((28 + bytes.count)..<at)
        if comment.count > 0 {
            var kept = min(comment.count, longestOption)
            // A continuation byte of UTF-8 must not be the first one that is left out.
            while kept > 0, kept < comment.count, comment[kept] & 0xc0 == 0x80 { kept -= 1 }
            put(1 as UInt16, at)
            put(UInt16(kept), at + 2)
            at += 4
            UnsafeMutableRawBufferPointer(rebasing: out[at..<(at + kept)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: comment[..<kept]))
            fill((at + kept)..<(length - 4))
        }
        put(UInt32(clamping: length), length - 4)
    }

    /// The length of the whole blocks among the bytes written since the beginning of a block.
    public static func wholeBlocks(_ bytes: UnsafeRawBufferPointer) -> Int {
        var at = 0
        while at + 12 <= bytes.count {
            let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)))
            guard length >= 12, length <= bytes.count - at else { break }
            at += length
        }
        return at
    }

    /// Begins a block; returns its place, for `close`.
    private static func open(_ type: UInt32, in out: inout [UInt8]) -> Int {
        let start = out.count
        append(type, to: &out)
        append(0 as UInt32, to: &out)
        return start
    }

    private static func close(_ start: Int, in out: inout [UInt8]) {
        let length = UInt32(clamping: out.count - start + 4)
        append(length, to: &out)
        put(length, at: start + 4, in: &out)
    }

    private static func option(_ code: UInt16, _ value: String?, to out: inout [UInt8]) {
        guard let value else { return }
        text(code, to: &out) { $0.append(contentsOf: value.utf8) }
    }

    /// Appends an option whose value `write` appends, or no option if it appends nothing.
    private static func text(_ code: UInt16, to out: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        let start = out.count
        append(code, to: &out)
        append(0 as UInt16, to: &out)
        write(&out)
        var length = out.count - start - 4
        if length <= 0 {
            out.removeLast(out.count - start)
            return
        }
        if length > longestOption {
            length = longestOption
            // A continuation byte of UTF-8 must not be the first one that is left out.
            while length > 0, out[start + 4 + length] & 0xc0 == 0x80 { length -= 1 }
            out.removeLast(out.count - start - 4 - length)
        }
        out[start + 2] = UInt8(truncatingIfNeeded: length)
        out[start + 3] = UInt8(truncatingIfNeeded: length >> 8)
        pad(length, &out)
    }

    private static func padded(_ length: Int) -> Int { (length + 3) & ~3 }

    private static func pad(_ length: Int, _ out: inout [UInt8]) {
        var left = -length & 3
        while left > 0 {
            out.append(0)
            left -= 1
        }
    }

    private static func append<T: FixedWidthInteger & UnsignedInteger>(_ value: T, to out: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) }
    }

    private static func put(_ value: UInt32, at: Int, in out: inout [UInt8]) {
        for index in 0..<4 { out[at + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
    }
}
