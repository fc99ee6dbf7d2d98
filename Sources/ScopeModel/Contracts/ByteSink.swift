import ScopeWire

/// The append-only buffer that formatters write into; whoever owns it drains it.
///
/// Text that a peer controls goes through `untrusted`, which is where escaping happens, once.
public final class ByteSink {
    // A line of output is dozens of appends: memory of its own costs less for each than an array, and a method is done
    // with it before it returns, so that the check of every access is spared.
    @usableFromInline @exclusivity(unchecked) var start: UnsafeMutablePointer<UInt8>
    @usableFromInline @exclusivity(unchecked) var capacity: Int
    @usableFromInline @exclusivity(unchecked) var used = 0

    public init(capacity: Int = 1 << 17) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    @inlinable public var count: Int { used }

    /// A copy of what was written.
    public var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: used)) }

    /// Hands on what was written, in place.
    @inlinable public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: start, count: used))
    }

    /// Forgets what was written, after it was drained; keeps the room.
    @inlinable public func clear() { used = 0 }

    @inlinable @inline(__always) public func byte(_ value: UInt8) {
        if used == capacity { grow(by: 1) }
        start[used] = value
        used += 1
    }

    /// Bytes as they are: for formats that do their own framing.
    public func raw(_ more: some Sequence<UInt8>) { for value in more { byte(value) } }

    /// The same at once.
    @inlinable public func raw(_ more: [UInt8]) { more.withUnsafeBytes { raw($0) } }

    @inlinable @inline(__always) public func raw(_ more: UnsafeRawBufferPointer) {
        build(more.count) { $0.copyMemory(from: more) }
    }

    /// Appends `count` bytes that `body` writes, all of them: for writers that build binary records.
    ///
    /// `body` must not use the sink itself.
    @inlinable @inline(__always) public func build(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        if count > capacity - used { grow(by: count) }
        body(UnsafeMutableRawBufferPointer(start: start + used, count: count))
        used += count
    }

    @usableFromInline @inline(never) func grow(by more: Int) {
        let larger = max(capacity * 2, used + more)
        let place = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        place.update(from: start, count: used)
        start.deallocate()
        (start, capacity) = (place, larger)
    }

    /// Text of our own.
    @inlinable public func literal(_ text: StaticString) {
        guard text.hasPointerRepresentation else { return text.withUTF8Buffer { raw(UnsafeRawBufferPointer($0)) } }
        // A transcript has dozens of them in each message: no closure, no buffer in between.
        let length = text.utf8CodeUnitCount
        if length > capacity - used { grow(by: length) }
        (start + used).update(from: text.utf8Start, count: length)
        used += length
    }

    /// Text of our own that was put together at run time: it must hold nothing that a peer wrote.
    public func text(_ text: String) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { raw(UnsafeRawBufferPointer($0)) }
        if isDone == nil { raw(text.utf8) }
    }

    /// Text that a peer wrote: control characters, escapes and broken UTF-8 become `\xNN`, what else is not plain
    /// (`Unicode.Scalar.isPlain`) `\u{N}`, a backslash `\\`.
    public func untrusted(_ foreign: some StringProtocol) {
        for scalar in foreign.unicodeScalars {
            switch scalar.value {
            case 0x5c: literal("\\\\")
            case 0x20..<0x7f: byte(UInt8(truncatingIfNeeded: scalar.value))
            case 0..<0x20, 0x7f..<0xa0:
                literal("\\x")
                hex(UInt64(scalar.value), digits: 2)
            default:
                if scalar.isPlain {
                    text(String(scalar))
                } else {
                    // Direction overrides and invisible joiners can make a terminal show another text.
                    literal("\\u{")
                    text(String(scalar.value, radix: 16))
                    literal("}")
                }
            }
        }
    }

    @inlinable public func decimal(_ value: some BinaryInteger) {
        if let small = UInt64(exactly: value) {
            digits(small)
        } else if let negative = Int64(exactly: value) {
            byte(45)
            digits(negative.magnitude)
        } else {
            text("\(value)")
        }
    }

    @usableFromInline func digits(_ value: UInt64) {
        if value < 10 { return byte(48 + UInt8(truncatingIfNeeded: value)) }
        // Of numbers with as many bits, the greatest power of ten that is not above all of them.
        let power = ((64 - value.leadingZeroBitCount) &* 1233) &>> 12
        let count = power &+ (value < Self.powersOfTen[power] ? 0 : 1)
        build(count) { place in
            var (index, rest) = (count, value)
            while rest >= 10 {
                let pair = UInt8(truncatingIfNeeded: rest % 100)
                rest /= 100
                index &-= 2
                place[index] = 48 &+ pair / 10
                place[index &+ 1] = 48 &+ pair % 10
            }
            if index > 0 { place[0] = 48 &+ UInt8(truncatingIfNeeded: rest) }
        }
    }

    private static let powersOfTen: [UInt64] = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// Lower-case hex, at least `digits` wide.
    public func hex(_ value: UInt64, digits: Int = 1) {
        let needed = Swift.max(digits, (67 - value.leadingZeroBitCount) / 4, 1)
        for position in (0..<needed).reversed() {
            let nibble = position < 16 ? UInt8(truncatingIfNeeded: value >> UInt64(4 * position)) & 15 : 0
            byte(nibble < 10 ? 48 + nibble : 87 + nibble)
        }
    }

    /// Two lower-case hex digits a byte.
    public func hex(_ data: some Sequence<UInt8>) {
        for value in data { hex(UInt64(value), digits: 2) }
    }

    @inlinable public func newline() { byte(10) }
}
