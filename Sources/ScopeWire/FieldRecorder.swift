/// The meaning of a recorded field, beside its bytes.
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
    /// The meaning of the number in this place, where the reader knows more than the registry ("8 hours").
    public var note: String?
    public var error: DecodeError?
    public var children: [FieldNode]
    /// Whether it stands for fields that were too many to keep.
    public var isOmission = false

    public init(
        _ name: String, _ range: Range<Int>, _ value: FieldValue, note: String? = nil, children: [FieldNode] = [],
        isOmission: Bool = false
    ) {
        self.isOmission = isOmission
        self.name = name
        self.range = range
        self.value = value
        self.note = note
        self.children = children
    }
}

/// Collects the field tree while readers read: the one source of `packets -v`, JSON fields and hex views.
///
/// It keeps a bounded number of fields. The rest are counted, and one node in their place has their number.
public final class FieldRecorder {
    /// The most fields that are kept, more than any packet of a real device has.
    public static let mostFields = 8192

    private var stack: [FieldNode] = []
    private var finished: [FieldNode] = []
    private var count = 0
    /// Structures that are open and not kept.
    private var skipped = 0
    private var omitted = 0
    private var omittedRange: Range<Int>?
    private let limit: Int

    public init(limit: Int = FieldRecorder.mostFields) { self.limit = limit }

    /// The finished top-level nodes, in reading order.
    public var nodes: [FieldNode] {
        guard let omittedRange else { return finished }
        let name = "\(omitted) more field\(omitted == 1 ? "" : "s")"
        return finished + [FieldNode(name, omittedRange, .structure, isOmission: true)]
    }

    /// Notes one field inside the structure that is open.
    public func note(_ name: StaticString, _ range: Range<Int>, _ value: FieldValue) {
        guard hasRoom(range) else { return }
        append(FieldNode("\(name)", range, value))
    }

    /// Opens a structure; what follows becomes its children until `close`.
    public func open(_ name: String, from start: Int) {
        guard hasRoom(start..<start) else {
            skipped += 1
            return
        }
        stack.append(FieldNode(name, start..<start, .structure))
    }

    /// Ends the innermost open structure at offset `end`.
    public func close(at end: Int, error: DecodeError? = nil) {
        if skipped > 0 {
            skipped -= 1
            omit(end..<end)
            // The fault that stopped the reading is still reported, on the fields that are kept.
            if let error, !stack.isEmpty, stack[stack.count - 1].error == nil { stack[stack.count - 1].error = error }
            return
        }
        guard var node = stack.popLast() else { return }
        let last = Swift.max(end, node.children.last?.range.upperBound ?? node.range.lowerBound, node.range.lowerBound)
        node.range = node.range.lowerBound..<last
        node.error = error ?? node.error
        append(node)
    }

    /// Replaces value and note of the last field, where a reader knows the meaning of its bytes.
    public func interpret(_ value: FieldValue? = nil, note: String? = nil) {
        // That field was not kept, nor is any field behind the first that was not.
        guard omitted == 0 else { return }
        if stack.isEmpty {
            guard !finished.isEmpty else { return }
            Self.amend(&finished[finished.count - 1], value, note)
        } else if !stack[stack.count - 1].children.isEmpty {
            let innermost = stack.count - 1
            Self.amend(&stack[innermost].children[stack[innermost].children.count - 1], value, note)
        }
    }

    private func hasRoom(_ range: Range<Int>) -> Bool {
        guard count >= limit else {
            count += 1
            return true
        }
        omitted += 1
        omit(range)
        return false
    }

    private func omit(_ range: Range<Int>) {
        let known = omittedRange ?? range
        omittedRange = min(known.lowerBound, range.lowerBound)..<max(known.upperBound, range.upperBound)
    }

    private static func amend(_ node: inout FieldNode, _ value: FieldValue?, _ note: String?) {
        if let value { node.value = value }
        if let note { node.note = note }
    }

    private func append(_ node: FieldNode) {
        if stack.isEmpty {
            finished.append(node)
        } else {
            stack[stack.count - 1].children.append(node)
        }
    }
}
