import ScopeWire

/// Checks on a field tree.
enum FieldTree {
    /// True when the nodes stand behind each other without gap or overlap over all of `range`, at every depth.
    static func covers(_ nodes: [FieldNode], _ range: Range<Int>) -> Bool {
        var at = range.lowerBound
        for node in nodes {
            guard node.range.lowerBound == at else { return false }
            at = node.range.upperBound
            if case .structure = node.value, !covers(node.children, node.range) { return false }
        }
        return at == range.upperBound
    }
}
