import ScopeDissect
import ScopeModel
import ScopeWire

/// Puts IKEv1 fragments (payload 132) together; each holds a piece of a whole message, its ISAKMP header included.
struct FragmentAssembly {
    private struct Partial {
        var sender: Role
        var identifier: UInt16
        var pieces: [UInt8: (bytes: [UInt8], frames: [Int])] = [:]
        /// The number of the last one, once it was seen.
        var last: UInt8?
    }

    struct Whole {
        var bytes: [UInt8]
        var frames: [Int]
        var count: Int
    }

    private var partials: [Partial] = []

    /// The bytes of all pieces that wait, and what they take beside them.
    var heldBytes: Int {
        var sum = 0
        for partial in partials {
            for piece in partial.pieces.values { sum += piece.bytes.count + 8 * piece.frames.count + 96 }
        }
        return sum
    }

    /// Takes in one fragment; gives the message when it is the last that was missing.
    mutating func add(
        _ fragment: FragmentPayload, _ data: ArraySlice<UInt8>, from sender: Role, frames: [Int], _ limits: Limits
    ) -> Whole? {
        guard fragment.number > 0 else { return nil }
        let index = partials.firstIndex { $0.sender == sender && $0.identifier == fragment.identifier }
        if index == nil { partials.append(Partial(sender: sender, identifier: fragment.identifier)) }
        let at = index ?? partials.count - 1
        partials[at].pieces[fragment.number] = (Array(data), frames)
        if fragment.isLast { partials[at].last = fragment.number }
        shrink(limits)
        guard let at = partials.firstIndex(where: { $0.sender == sender && $0.identifier == fragment.identifier }),
            let last = partials[at].last
        else { return nil }
        let pieces = (1...last).compactMap { partials[at].pieces[$0] }
        guard pieces.count == Int(last) else { return nil }
        partials.remove(at: at)
        var seen: Set<Int> = []
        return Whole(
            bytes: pieces.flatMap(\.bytes), frames: pieces.flatMap(\.frames).filter { seen.insert($0).inserted },
            count: pieces.count)
    }

    /// Messages of which pieces are missing, in words.
    func incomplete() -> [ReassemblyNotice] {
        partials.map { partial in
            let have = partial.pieces.keys.sorted()
            var missing = (1...(partial.last ?? max(have.last ?? 1, 1))).filter { partial.pieces[$0] == nil }.map {
                "\($0)"
            }
            if partial.last == nil { missing.append("the last") }
            return .incomplete(
                frames: have.flatMap { partial.pieces[$0]?.frames ?? [] },
                missing: "IKE fragment \(missing.joined(separator: ", ")) of message \(partial.identifier)")
        }
    }

    private mutating func shrink(_ limits: Limits) {
        func isOver() -> Bool {
            partials.reduce(0) { $0 + $1.pieces.count } > limits.ikeFragmentsPerSA
                || heldBytes > limits.ikeFragmentBytes
        }
        while !partials.isEmpty, isOver() { partials.removeFirst() }
    }
}
