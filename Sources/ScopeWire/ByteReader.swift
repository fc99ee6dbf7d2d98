/// A position in bytes that it does not own; reads big-endian fields and never leaves its bounds.
///
/// The bytes are passed to each read, so a reader can be stored and copied, and a well-formed packet costs no
/// allocation. Every read names its field: errors contain the name, and so does the tree of fields of a `recorder`.
@frozen public struct ByteReader {
    // Neither is negative, and the first is never behind the second, so arithmetic on them needs no checks.
    @usableFromInline var position: Int
    @usableFromInline var bound: Int
    /// The kind of bound that set `end`.
    public let limit: LengthSource
    /// Notes every read when set; nil on the hot path.
    public var recorder: FieldRecorder?

    /// Reads `range` of `bytes`, cut to what `bytes` has.
    @inlinable public init(
        _ bytes: RawSpan, in range: Range<Int>? = nil, limit: LengthSource, recorder: FieldRecorder? = nil
    ) {
        let whole = 0..<bytes.byteCount
        let range = (range ?? whole).clamped(to: whole)
        position = range.lowerBound
        bound = range.upperBound
        self.limit = limit
        self.recorder = recorder
    }

    @inlinable init(at: Int, end: Int, limit: LengthSource, recorder: FieldRecorder?) {
        position = at
        bound = end
        self.limit = limit
        self.recorder = recorder
    }

    /// Offset of the next byte to read.
    @inlinable public var at: Int { position }
    /// Offset behind the last byte that may be read; only ever narrowed.
    @inlinable public var end: Int { bound }
    @inlinable public var remaining: Int { end &- at }
    @inlinable public var isAtEnd: Bool { at >= end }
    /// The bytes not yet read.
    @inlinable public var rest: Range<Int> { Range(uncheckedBounds: (at, end)) }

    @inlinable @inline(__always) func require(_ count: Int, _ field: StaticString) throws(DecodeError) {
        if count > end &- at { throw short(count, field) }
    }

    @usableFromInline @inline(never) func short(_ count: Int, _ field: StaticString) -> DecodeError {
        DecodeError(.truncated(needed: count, available: end - at, limit: limit), at: at, field: field)
    }

    @inlinable @inline(__always) public mutating func u8(_ bytes: RawSpan, _ field: StaticString) throws(DecodeError)
        -> UInt8
    {
        try integer(bytes, field)
    }

    @inlinable @inline(__always) public mutating func u16(_ bytes: RawSpan, _ field: StaticString) throws(DecodeError)
        -> UInt16
    {
        try integer(bytes, field)
    }

    @inlinable @inline(__always) public mutating func u32(_ bytes: RawSpan, _ field: StaticString) throws(DecodeError)
        -> UInt32
    {
        try integer(bytes, field)
    }

    @inlinable @inline(__always) public mutating func u64(_ bytes: RawSpan, _ field: StaticString) throws(DecodeError)
        -> UInt64
    {
        try integer(bytes, field)
    }

    /// A big-endian integer of the width of `T`.
    @inlinable @inline(__always) public mutating func integer<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ bytes: RawSpan, _ field: StaticString
    ) throws(DecodeError) -> T {
        try require(MemoryLayout<T>.size, field)
        let value = T(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: T.self))
        if let recorder {
            recorder.note(field, at..<(at + MemoryLayout<T>.size), .number(UInt64(truncatingIfNeeded: value)))
        }
        position &+= MemoryLayout<T>.size
        return value
    }

    /// A little-endian integer of the width of `T` (capture file formats, BSD loopback headers).
    @inlinable public mutating func littleEndian<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ bytes: RawSpan, _ field: StaticString
    ) throws(DecodeError) -> T {
        try require(MemoryLayout<T>.size, field)
        let value = T(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: T.self))
        if let recorder {
            recorder.note(field, at..<(at + MemoryLayout<T>.size), .number(UInt64(truncatingIfNeeded: value)))
        }
        position &+= MemoryLayout<T>.size
        return value
    }

    /// A number from a registry.
    @inlinable @inline(__always) public mutating func code<C: CodePoint>(
        _ bytes: RawSpan, _ field: StaticString, as type: C.Type = C.self
    ) throws(DecodeError) -> C where C.RawValue: BitwiseCopyable {
        try require(MemoryLayout<C.RawValue>.size, field)
        let value = C(
            rawValue: C.RawValue(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: C.RawValue.self)))
        if let recorder {
            recorder.note(
                field, at..<(at + MemoryLayout<C.RawValue>.size),
                .code(UInt64(truncatingIfNeeded: value.rawValue), value.name))
        }
        position &+= MemoryLayout<C.RawValue>.size
        return value
    }

    /// The next `count` bytes, as offsets.
    @inlinable @inline(__always) public mutating func bytes(_ field: StaticString, count: Int) throws(DecodeError)
        -> Range<Int>
    {
        if count < 0 { throw DecodeError(.badLength(count), at: at, field: field) }
        try require(count, field)
        let range = Range(uncheckedBounds: (at, at &+ count))
        if let recorder, count > 0 { recorder.note(field, range, .bytes) }
        position = range.upperBound
        return range
    }

    /// Everything up to the bound, as offsets.
    @inlinable public mutating func remainder(_ field: StaticString) -> Range<Int> {
        let range = at..<end
        if let recorder, !range.isEmpty { recorder.note(field, range, .bytes) }
        position = end
        return range
    }

    /// An IPv4 address (4 bytes).
    @inlinable @inline(__always) public mutating func ipv4(_ bytes: RawSpan, _ field: StaticString) throws(DecodeError)
        -> IPAddress
    {
        try require(4, field)
        let address = IPAddress(v4: UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)))
        if let recorder { recorder.note(field, at..<(at + 4), .address(address)) }
        position &+= 4
        return address
    }

    /// An IPv6 address (16 bytes).
    @inlinable @inline(__always) public mutating func ipv6(_ bytes: RawSpan, _ field: StaticString) throws(DecodeError)
        -> IPAddress
    {
        try require(16, field)
        let address = IPAddress(
            v6high: UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at + 8, as: UInt64.self)))
        if let recorder { recorder.note(field, at..<(at + 16), .address(address)) }
        position &+= 16
        return address
    }

    /// Looks at the byte `offset` behind the position without reading it; nil behind the bound.
    @inlinable public func peek(_ bytes: RawSpan, ahead offset: Int = 0) -> UInt8? {
        offset >= 0 && offset < end &- at ? bytes.unsafeLoad(fromByteOffset: at &+ offset, as: UInt8.self) : nil
    }

    /// Lowers the bound to `count` bytes from here; a nearer bound stays.
    @inlinable public mutating func narrow(to count: Int) {
        if count < end &- at { bound = at &+ Swift.max(0, count) }
    }

    /// A reader of the next `count` bytes; this one moves behind them.
    @inlinable public mutating func sub(
        _ field: StaticString, count: Int, limit: LengthSource
    ) throws(DecodeError) -> ByteReader {
        if count < 0 { throw DecodeError(.badLength(count), at: at, field: field) }
        try require(count, field)
        defer { position += count }
        return ByteReader(at: at, end: at + count, limit: limit, recorder: recorder)
    }

    /// Decodes a structure of `count` bytes, which must be consumed to the last one.
    ///
    /// The recorder shows it as a node of its own, under `name`.
    @inlinable public mutating func structure<T>(
        _ name: @autoclosure () -> String, count: Int, limit: LengthSource = .payload,
        _ body: (inout ByteReader) throws(DecodeError) -> T
    ) throws(DecodeError) -> T {
        recorder?.open(name(), from: at)
        do throws(DecodeError) {
            var inner = try sub("length", count: count, limit: limit)
            let value = try body(&inner)
            if !inner.isAtEnd {
                throw DecodeError(.trailingBytes(inner.remaining), at: inner.at, field: "end")
            }
            recorder?.close(at: inner.end)
            return value
        } catch {
            recorder?.close(at: at, error: error)
            throw error.enclosed(in: name())
        }
    }
}
