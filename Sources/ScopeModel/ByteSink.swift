import ScopeWire

/// The append-only buffer that formatters write into; whoever owns it drains it.
///
/// Text that a peer controls goes through `untrusted`, which is where escaping happens, once.
public final class ByteSink {
    /// Each method is done with the buffer before it returns, so the check of every access is spared: a line of output is
    /// dozens of them.
    @exclusivity(unchecked) public private(set) var bytes: [UInt8] = []

    public init() { bytes.reserveCapacity(1 << 17) }

    public var count: Int { bytes.count }

    /// Forgets what was written, after it was drained; keeps the room.
    public func clear() { bytes.removeAll(keepingCapacity: true) }

    @inline(__always) public func byte(_ value: UInt8) { bytes.append(value) }

    /// Bytes as they are: for formats that do their own framing.
    public func raw(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The same without a detour through the protocol.
    public func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Appends in place: for writers that build binary records.
    ///
    /// `body` must not use the sink itself.
    public func build(_ body: (inout [UInt8]) -> Void) { body(&bytes) }

    /// Text of our own.
    public func literal(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Text of our own that was put together at run time: it must hold nothing that a peer wrote.
    public func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Text that a peer wrote: control characters, escapes and broken UTF-8 become `\xNN`, a backslash `\\`.
    public func untrusted(_ foreign: some StringProtocol) {
        for scalar in foreign.unicodeScalars {
            switch scalar.value {
            case 0x5c: literal("\\\\")
            case 0x20..<0x7f: byte(UInt8(truncatingIfNeeded: scalar.value))
            case 0..<0x20, 0x7f..<0xa0:
                literal("\\x")
                hex(UInt64(scalar.value), digits: 2)
            // Line separators, direction overrides and invisible joiners can make a terminal show another text.
            case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe007f:
                literal("\\u{")
                text(String(scalar.value, radix: 16))
                literal("}")
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
    }

    @inlinable public func decimal(_ value: some BinaryInteger) {
        if let small = UInt64(exactly: value) {
            digits(small)
        } else {
            text("\(value)")
        }
    }

    @usableFromInline func digits(_ value: UInt64) {
        if value >= 10 { digits(value / 10) }
        bytes.append(48 + UInt8(truncatingIfNeeded: value % 10))
    }

    /// Lower-case hex, at least `digits` wide.
    public func hex(_ value: UInt64, digits: Int = 1) {
        let needed = Swift.max(digits, (67 - value.leadingZeroBitCount) / 4, 1)
        for position in (0..<needed).reversed() {
            let nibble = position < 16 ? UInt8(truncatingIfNeeded: value >> UInt64(4 * position)) & 15 : 0
            bytes.append(nibble < 10 ? 48 + nibble : 87 + nibble)
        }
    }

    /// Two lower-case hex digits a byte.
    public func hex(_ data: some Sequence<UInt8>) {
        for value in data { hex(UInt64(value), digits: 2) }
    }

    public func newline() { bytes.append(10) }
}
