/// What a recorded field holds, beside its bytes.
public enum FieldValue: Hashable, Sendable {
    case number(UInt64)
    /// A registry's number and the name it has there.
    case code(UInt64, String?)
    case address(IPAddress)
    /// Text that a peer wrote: to be escaped where it is printed.
    case text(String)
    case bytes
    /// A structure: its fields are the node's children.
    case structure
}

/// One field or structure of a decoded packet, with its place in the bytes.
public struct FieldNode: Hashable, Sendable {
    public var name: String
    public var range: Range<Int>
    public var value: FieldValue
    /// What the number means here, where the reader knows more than the registry ("8 hours").
    public var note: String?
    public var error: DecodeError?
    public var children: [FieldNode]

    public init(
        _ name: String, _ range: Range<Int>, _ value: FieldValue, note: String? = nil, children: [FieldNode] = []
    ) {
        self.name = name
        self.range = range
        self.value = value
        self.note = note
        self.children = children
    }
}

/// Collects the field tree while readers read: the one source of `packets -v`, JSON fields and hex views.
public final class FieldRecorder {
    private var stack: [FieldNode] = []
    /// The finished top-level nodes, in reading order.
    public private(set) var nodes: [FieldNode] = []

    public init() {}

    /// Notes one field inside the structure that is open.
    public func note(_ name: StaticString, _ range: Range<Int>, _ value: FieldValue) {
        append(FieldNode("\(name)", range, value))
    }

    /// Opens a structure; what follows becomes its children until `close`.
    public func open(_ name: String, from start: Int) {
        stack.append(FieldNode(name, start..<start, .structure))
    }

    /// Ends the innermost open structure at offset `end`.
    public func close(at end: Int, error: DecodeError? = nil) {
        guard var node = stack.popLast() else { return }
        let last = Swift.max(end, node.children.last?.range.upperBound ?? node.range.lowerBound, node.range.lowerBound)
        node.range = node.range.lowerBound..<last
        node.error = error
        append(node)
    }

    /// Replaces value and note of the field noted last, where a reader knows what its bytes say.
    public func interpret(_ value: FieldValue? = nil, note: String? = nil) {
        if stack.isEmpty {
            guard !nodes.isEmpty else { return }
            Self.amend(&nodes[nodes.count - 1], value, note)
        } else if !stack[stack.count - 1].children.isEmpty {
            let innermost = stack.count - 1
            Self.amend(&stack[innermost].children[stack[innermost].children.count - 1], value, note)
        }
    }

    private static func amend(_ node: inout FieldNode, _ value: FieldValue?, _ note: String?) {
        if let value { node.value = value }
        if let note { node.note = note }
    }

    private func append(_ node: FieldNode) {
        if stack.isEmpty {
            nodes.append(node)
        } else {
            stack[stack.count - 1].children.append(node)
        }
    }
}
