import ScopeWire

/// Writes pcapng (little-endian, times in nanoseconds) to the end of a buffer that the caller owns and empties.
///
/// A file is one `section`, its interfaces in the order of their ids, then packets.
public enum PcapngWriter {
    /// Bytes that an option's 16-bit length can tell; longer texts are cut at a character.
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

    /// Appends an enhanced packet block with `range` of `bytes`.
    ///
    /// `comment` appends its text to the buffer; what it leaves out makes no option.
    /// A time before 1970 cannot be written and becomes 1970.
    public static func packet(
        to out: inout [UInt8], interface: UInt32 = 0, time: Instant, bytes: RawSpan, in range: Range<Int>,
        originalLength: Int? = nil, comment: ((inout [UInt8]) -> Void)? = nil
    ) {
        let range = range.clamped(to: 0..<bytes.byteCount)
        let start = open(BlockType.enhancedPacket, in: &out)
        header(interface, time, captured: range.count, original: originalLength ?? range.count, to: &out)
        bytes.extracting(range).withUnsafeBytes { out.append(contentsOf: $0) }
        pad(range.count, &out)
        if let comment {
            let before = out.count
            text(1, to: &out, comment)
            if out.count > before { append(0 as UInt32, to: &out) }
        }
        close(start, in: &out)
    }

    /// Appends an enhanced packet block with a comment option for each of `comments`.
    public static func packet(
        to out: inout [UInt8], interface: UInt32 = 0, time: Instant, bytes: RawSpan, originalLength: Int? = nil,
        comments: [String]
    ) {
        let start = open(BlockType.enhancedPacket, in: &out)
        header(interface, time, captured: bytes.byteCount, original: originalLength ?? bytes.byteCount, to: &out)
        bytes.withUnsafeBytes { out.append(contentsOf: $0) }
        pad(bytes.byteCount, &out)
        for comment in comments { option(1, comment, to: &out) }
        if !comments.isEmpty { append(0 as UInt32, to: &out) }
        close(start, in: &out)
    }

    private static func header(
        _ interface: UInt32, _ time: Instant, captured: Int, original: Int, to out: inout [UInt8]
    ) {
        let ticks = UInt64(clamping: time.nanoseconds)
        append(interface, to: &out)
        append(UInt32(truncatingIfNeeded: ticks >> 32), to: &out)
        append(UInt32(truncatingIfNeeded: ticks), to: &out)
        append(UInt32(clamping: captured), to: &out)
        append(UInt32(clamping: original), to: &out)
    }

    /// Begins a block; returns where, for `close`.
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

    /// Appends an option whose value `write` appends; none if it appends nothing.
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
