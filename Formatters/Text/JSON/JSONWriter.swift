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
    mutating func object(_ body: (inout JSONWriter) -> Void) {
        separate()
        enclose("{", "}", body)
    }

    mutating func object(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        key(name)
        enclose("{", "}", body)
    }

    mutating func list(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        key(name)
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

    mutating func number(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        sink.decimal(value)
    }

    mutating func bool(_ name: StaticString, _ value: Bool) {
        key(name)
        sink.literal(value ? "true" : "false")
    }

    mutating func null(_ name: StaticString) {
        key(name)
        sink.literal("null")
    }

    /// A word of our own, which has nothing in it to escape.
    mutating func word(_ name: StaticString, _ value: StaticString) {
        key(name)
        quote { $0.literal(value) }
    }

    /// Any text.
    mutating func string(_ name: StaticString, _ value: some StringProtocol) {
        key(name)
        quote { $0.escaped(value) }
    }

    mutating func hex(_ name: StaticString, _ bytes: some Sequence<UInt8>) {
        key(name)
        quote { $0.hex(bytes) }
    }

    /// What `write` appends, between quotes; it must hold nothing that JSON escapes.
    mutating func quoted(_ name: StaticString, _ write: (ByteSink) -> Void) {
        key(name)
        quote(write)
    }

    // MARK: Elements of a list

    mutating func element(_ value: some BinaryInteger) {
        separate()
        sink.decimal(value)
    }

    mutating func element(_ value: some StringProtocol) {
        separate()
        quote { $0.escaped(value) }
    }

    /// As `quoted`, in a list.
    mutating func quotedElement(_ write: (ByteSink) -> Void) {
        separate()
        quote(write)
    }

    // MARK: Tokens

    private mutating func separate() {
        if needsComma { sink.byte(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func key(_ name: StaticString) {
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
