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
    /// The same field in bytes that begin `distance` before those it was read from.
    func moved(by distance: Int) -> FieldNode {
        var node = self
        node.range = (range.lowerBound + distance)..<(range.upperBound + distance)
        node.error?.offset += distance
        node.children = children.map { $0.moved(by: distance) }
        return node
    }

    /// Places in this field of `bytes` that hold what a user typed to prove who they are.
    ///
    /// Where a structure with such attributes does not decode, what is left of it may hold one as well: with
    /// `isDoubtful` all that was not understood counts as secret, and all that stands behind a secret whose length may
    /// be a lie.
    func secrets(in bytes: [UInt8], isDoubtful: Bool) -> [Range<Int>] {
        let inside = children.flatMap { $0.secrets(in: bytes, isDoubtful: isDoubtful) }
        if isDoubtful, name == "CFG", isFaulty, let first = inside.map(\.lowerBound).min() {
            return [first..<max(first, range.upperBound)]
        }
        if isOmission { return isDoubtful ? [range.lowerBound..<max(range.lowerBound, bytes.count)] : [] }
        let isSecret =
            switch name {
            case "secret": true
            case "not decoded", "data": isDoubtful
            case "padding": isDoubtful && bytes[range.clamped(to: 0..<bytes.count)].contains { $0 != 0 }
            default: false
            }
        return isSecret ? inside + [range] : inside
    }

    private var isFaulty: Bool { error != nil || children.contains(where: \.isFaulty) }
}
