/// Whether bytes are JSON as RFC 8259 has it, in UTF-8, with no name twice in one object.
struct JSONText {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    private static let deepest = 64

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// One object a line.
    static func checkLines(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 10) {
            try checkDocument(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            rest = rest[(end + 1)...]
        }
        try require(rest.isEmpty, "a last line without an end: \(describe(UnsafeRawBufferPointer(rebasing: rest)))")
    }

    /// One object, which may be laid out over several lines.
    static func checkDocument(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var text = JSONText(bytes)
        text.space()
        try require(text.here == UInt8(ascii: "{"), "no JSON object: \(describe(bytes))")
        try text.value(depth: 0)
        text.space()
        try require(text.at == bytes.count, "something behind the object: \(describe(bytes))")
    }

    private var here: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func space() {
        while let byte = here, byte == 32 || byte == 10 || byte == 13 || byte == 9 { at += 1 }
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(Violation) {
        try require(here == UInt8(ascii: byte), "no \(byte) at byte \(at): \(Self.describe(bytes))")
        at += 1
    }

    private mutating func value(depth: Int) throws(Violation) {
        try require(depth < Self.deepest, "JSON too deep")
        switch here {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try list(depth: depth)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func object(depth: Int) throws(Violation) {
        at += 1
        var names: [Range<Int>] = []
        space()
        if here == UInt8(ascii: "}") { return at += 1 }
        while true {
            space()
            let start = at
            try string()
            let name = start..<at
            let isNew = !names.contains { $0.count == name.count && bytes[$0].elementsEqual(bytes[name]) }
            try require(isNew, "\(String(decoding: bytes[name], as: UTF8.self)) twice: \(Self.describe(bytes))")
            names.append(name)
            space()
            try expect(":")
            space()
            try value(depth: depth + 1)
            space()
            if here == UInt8(ascii: "}") { return at += 1 }
            try expect(",")
        }
    }

    private mutating func list(depth: Int) throws(Violation) {
        at += 1
        space()
        if here == UInt8(ascii: "]") { return at += 1 }
        while true {
            space()
            try value(depth: depth + 1)
            space()
            if here == UInt8(ascii: "]") { return at += 1 }
            try expect(",")
        }
    }

    private mutating func string() throws(Violation) {
        try expect("\"")
        while let byte = here {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"):
                let kind = here ?? 0
                at += 1
                if kind == UInt8(ascii: "u") {
                    for _ in 0..<4 {
                        try require(here.map(Self.isHex) ?? false, "a bad escape: \(Self.describe(bytes))")
                        at += 1
                    }
                } else {
                    try require("\"\\/bfnrt".utf8.contains(kind), "a bad escape: \(Self.describe(bytes))")
                }
            case 0..<32: throw Violation(description: "a control character in a string: \(Self.describe(bytes))")
            default: break
            }
        }
        throw Violation(description: "a string without an end: \(Self.describe(bytes))")
    }

    private mutating func number() throws(Violation) {
        let start = at
        if here == UInt8(ascii: "-") { at += 1 }
        let first = at
        digits()
        let isWhole = at > first && (at == first + 1 || bytes[first] != UInt8(ascii: "0"))
        try require(isWhole, "no value at byte \(start): \(Self.describe(bytes))")
        if here == UInt8(ascii: ".") {
            at += 1
            let fraction = at
            digits()
            try require(at > fraction, "a number without its fraction: \(Self.describe(bytes))")
        }
        if here == UInt8(ascii: "e") || here == UInt8(ascii: "E") {
            at += 1
            if here == UInt8(ascii: "+") || here == UInt8(ascii: "-") { at += 1 }
            let exponent = at
            digits()
            try require(at > exponent, "a number without its exponent: \(Self.describe(bytes))")
        }
    }

    private mutating func digits() { while let byte = here, (48...57).contains(byte) { at += 1 } }

    private mutating func word(_ word: String) throws(Violation) {
        try require(bytes[at...].starts(with: word.utf8), "no value at byte \(at): \(Self.describe(bytes))")
        at += word.utf8.count
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }

    private static func describe(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix(2000), as: UTF8.self)
    }
}
