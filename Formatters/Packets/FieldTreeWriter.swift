import ScopeModel
import ScopeWire

/// Writes a field tree: offset and length, then name and value, indented by depth.
struct FieldTreeWriter {
    let sink: ByteSink
    let bytes: [UInt8]
    /// Places whose contents are not shown.
    let hidden: [Range<Int>]
    let hasColor: Bool

    /// Of longer values only the beginning is shown: `-x` has the rest.
    private static let mostBytes = 32

    func write(_ nodes: [FieldNode], depth: Int = 0) {
        for node in nodes { write(node, depth: depth) }
    }

    private func write(_ node: FieldNode, depth: Int) {
        if node.isOmission {
            columns(node.range.lowerBound, node.range.count, depth)
            LineStyle.warning.begin(sink, hasColor)
            sink.literal("! ")
            sink.untrusted(node.name)
            sink.literal(", which are not kept")
            LineStyle.warning.end(sink, hasColor)
            sink.newline()
            return
        }
        columns(node.range.lowerBound, node.range.count, depth)
        sink.untrusted(node.name)
        if isHidden(node) {
            sink.literal(": (hidden)")
        } else {
            value(node)
            if let note = node.note {
                sink.literal(" (")
                sink.untrusted(note)
                sink.literal(")")
            }
        }
        sink.newline()
        write(node.children, depth: depth + 1)
        guard let error = node.error else { return }
        columns(error.offset, nil, depth + 1)
        LineStyle.warning.begin(sink, hasColor)
        sink.literal("! ")
        sink.untrusted(error.description)
        LineStyle.warning.end(sink, hasColor)
        sink.newline()
    }

    private func isHidden(_ node: FieldNode) -> Bool {
        node.children.isEmpty && hidden.contains { $0.overlaps(node.range) }
    }

    private func columns(_ offset: Int, _ length: Int?, _ depth: Int) {
        right(offset, width: 9)
        if let length { right(length, width: 6) } else { sink.literal("      ") }
        sink.literal("  ")
        for _ in 0..<depth { sink.literal("  ") }
    }

    private func right(_ value: Int, width: Int) {
        let text = String(value)
        for _ in 0..<max(0, width - text.utf8.count) { sink.byte(UInt8(ascii: " ")) }
        sink.text(text)
    }

    private func value(_ node: FieldNode) {
        switch node.value {
        case .structure: return
        case .number(let number):
            // SPIs are written in hex everywhere else.
            if node.name.hasSuffix("SPI") {
                sink.literal(": 0x")
                sink.hex(number, digits: max(1, 2 * node.range.count))
                return
            }
            sink.literal(": ")
            sink.decimal(number)
            guard number > 9 else { return }
            sink.literal(" (0x")
            sink.hex(number, digits: max(1, 2 * node.range.count))
            sink.literal(")")
        case .code(let number, let name):
            sink.literal(": ")
            if let name {
                sink.text(name)
                sink.literal(" (")
                sink.decimal(number)
                sink.literal(")")
            } else {
                sink.decimal(number)
            }
        case .address(let address):
            sink.literal(": ")
            sink.address(address)
        case .text(let text):
            sink.literal(": \"")
            sink.untrusted(text)
            sink.literal("\"")
        case .bytes:
            guard !node.range.isEmpty else { return }
            sink.literal(": ")
            let range = node.range.clamped(to: 0..<bytes.count)
            sink.hex(bytes[range].prefix(Self.mostBytes))
            if range.count > Self.mostBytes { sink.literal("…") }
        }
    }
}
