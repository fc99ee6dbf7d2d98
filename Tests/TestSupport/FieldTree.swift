import ScopeWire

/// Checks on a field tree.
public enum FieldTree {
    /// The first thing wrong with `nodes` as a cover of `range`: a gap, an overlap, a child outside its parent.
    public static func flaw(_ nodes: [FieldNode], over range: Range<Int>) -> String? {
        var at = range.lowerBound
        for node in nodes {
            if node.range.lowerBound != at { return "\(node.name) begins at \(node.range.lowerBound), not at \(at)" }
            at = node.range.upperBound
            guard case .structure = node.value else { continue }
            if let flaw = flaw(node.children, over: node.range) { return "\(node.name): \(flaw)" }
        }
        return at == range.upperBound ? nil : "ends at \(at), not at \(range.upperBound)"
    }
}
