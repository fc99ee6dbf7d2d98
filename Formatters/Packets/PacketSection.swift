import ScopeWire

/// A run of bytes that a packet is shown by, and the fields in it: the frame, a message put together, a plaintext.
struct PacketSection {
    var title: String
    var bytes: [UInt8]
    /// The offsets count in `bytes`.
    var nodes: [FieldNode]
    /// What nobody is to read unless secrets are asked for.
    var hidden: [Range<Int>]

    init(_ title: String, _ bytes: [UInt8], _ nodes: [FieldNode], hidden: [Range<Int>] = []) {
        self.title = title
        self.bytes = bytes
        self.nodes = nodes
        self.hidden = hidden
    }
}

extension FieldNode {
    /// The same field in bytes that begin `distance` before those that it was read from.
    func moved(by distance: Int) -> FieldNode {
        var node = self
        node.range = (range.lowerBound + distance)..<(range.upperBound + distance)
        node.error?.offset += distance
        node.children = children.map { $0.moved(by: distance) }
        return node
    }
}
