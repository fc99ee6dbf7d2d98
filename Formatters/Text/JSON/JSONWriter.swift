import ScopeModel
import ScopeWire

/// Writes JSON (RFC 8259) into a sink: fields in the order in which they are given, no blanks between tokens.
struct JSONWriter {
    let sink: ByteSink
    /// True when a comma must stand before what comes next.
    private var needsComma = false

    init(_ sink: ByteSink) { self.sink = sink }

    // MARK: Structures

    /// An object that stands alone or in a list.
    mutating func writeObject(_ body: (inout JSONWriter) -> Void) {
        separate()
        enclose("{", "}", body)
    }

    mutating func writeObject(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        writeKey(name)
        enclose("{", "}", body)
    }

    mutating func writeList(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        writeKey(name)
        enclose("[", "]", body)
    }

    private mutating func enclose(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void) {
        sink.byte(UInt8(ascii: open))
        needsComma = false
        body(&self)
        sink.byte(UInt8(ascii: close))
        needsComma = true
    }

    // MARK: Fields

    mutating func writeNumber(_ name: StaticString, _ value: some BinaryInteger) {
        writeKey(name)
        sink.decimal(value)
    }

    mutating func writeBool(_ name: StaticString, _ value: Bool) {
        writeKey(name)
        sink.literal(value ? "true" : "false")
    }

    mutating func writeNull(_ name: StaticString) {
        writeKey(name)
        sink.literal("null")
    }

    /// A word of our own, which has nothing in it to escape.
    mutating func writeWord(_ name: StaticString, _ value: StaticString) {
        writeKey(name)
        quote { $0.literal(value) }
    }

    /// Any text.
    mutating func writeString(_ name: StaticString, _ value: some StringProtocol) {
        writeKey(name)
        quote { $0.escaped(value) }
    }

    mutating func writeHex(_ name: StaticString, _ bytes: some Sequence<UInt8>) {
        writeKey(name)
        quote { $0.hex(bytes) }
    }

    /// What `write` appends, between quotes; it must hold nothing that JSON escapes.
    mutating func writeQuoted(_ name: StaticString, _ write: (ByteSink) -> Void) {
        writeKey(name)
        quote(write)
    }

    // MARK: Elements of a list

    mutating func writeElement(_ value: some BinaryInteger) {
        separate()
        sink.decimal(value)
    }

    mutating func writeElement(_ value: some StringProtocol) {
        separate()
        quote { $0.escaped(value) }
    }

    /// As `writeQuoted`, in a list.
    mutating func writeQuotedElement(_ write: (ByteSink) -> Void) {
        separate()
        quote(write)
    }

    // MARK: Tokens

    private mutating func separate() {
        if needsComma { sink.byte(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func writeKey(_ name: StaticString) {
        separate()
        sink.byte(UInt8(ascii: "\""))
        sink.literal(name)
        sink.literal("\":")
    }

    private func quote(_ write: (ByteSink) -> Void) {
        sink.byte(UInt8(ascii: "\""))
        write(sink)
        sink.byte(UInt8(ascii: "\""))
    }
}

extension ByteSink {
    /// The inside of a JSON string.
    ///
    /// Beside what RFC 8259 section 7 asks for, escapes go to what a terminal obeys or does not show, and to the two line
    /// separators that are none in JSON but in JavaScript.
    func escaped(_ text: some StringProtocol) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: literal("\\\"")
            case 0x5c: literal("\\\\")
            case 0x08: literal("\\b")
            case 0x09: literal("\\t")
            case 0x0a: literal("\\n")
            case 0x0c: literal("\\f")
            case 0x0d: literal("\\r")
            case 0x20..<0x7f: byte(UInt8(truncatingIfNeeded: scalar.value))
            default:
                if scalar.isPlain {
                    raw(scalar.utf8)
                } else {
                    for unit in scalar.utf16 {
                        literal("\\u")
                        hex(UInt64(unit), digits: 4)
                    }
                }
            }
        }
    }
}
