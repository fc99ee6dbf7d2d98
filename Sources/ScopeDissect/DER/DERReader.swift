import ScopeWire

/// Reads DER elements (X.690) from arbitrary bytes; nil where the bytes are not DER.
struct DERReader {
    /// One element: identifier byte and the bytes of its contents.
    struct Element {
        var tag: UInt8
        var content: ArraySlice<UInt8>
    }

    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let objectIdentifier: UInt8 = 0x06

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }
    /// Where the next element begins, in the offsets of the slice.
    var position: Int { rest.startIndex }

    /// The next element; nil at the end, for tags above 30, indefinite lengths and lengths past the end.
    mutating func next() -> Element? {
        var bytes = rest
        guard let tag = bytes.popFirst(), tag & 0x1F != 0x1F, let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), bytes.count >= count else { return nil }
            length = Int(bytes: bytes.prefix(count))
            bytes = bytes.dropFirst(count)
        }
        guard length <= bytes.count else { return nil }
        rest = bytes.dropFirst(length)
        return Element(tag: tag, content: bytes.prefix(length))
    }

    /// The next element's contents when its tag is `tag`.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard let element = next(), element.tag == tag else { return nil }
        return element.content
    }

    /// An object identifier in dotted form; nil when an arc is cut or does not fit 63 bits.
    static func dotted(_ content: ArraySlice<UInt8>) -> String? {
        var arcs: [UInt64] = []
        var arc: UInt64 = 0
        var isOpen = false
        for byte in content {
            guard arc < 1 << 56 else { return nil }
            arc = arc << 7 | UInt64(byte & 0x7F)
            isOpen = byte & 0x80 != 0
            if isOpen { continue }
            if arcs.isEmpty {
                arcs = arc < 80 ? [arc / 40, arc % 40] : [2, arc - 80]
            } else {
                arcs.append(arc)
            }
            arc = 0
        }
        return isOpen || arcs.isEmpty ? nil : arcs.map { "\($0)" }.joined(separator: ".")
    }
}
