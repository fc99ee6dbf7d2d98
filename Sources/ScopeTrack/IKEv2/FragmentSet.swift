import ScopeDissect
import ScopeModel

/// Decrypted pieces of messages that came in SKF payloads (RFC 7383 section 2.5), until all of a message are there.
///
/// Each piece was opened by itself, so nobody but the peers can put one in here. Bounded in pieces and in bytes; the oldest
/// message goes first.
struct FragmentSet {
    struct Piece {
        var plaintext: [UInt8]
        /// The type of the first payload inside, in the first piece.
        var first: PayloadType
        var key: KeyName
        /// As it came; kept of the first piece, which stands for the whole message.
        var message: ISAKMPMessage
        var frames: [Int]
    }

    /// A message whose pieces are all there.
    struct Whole {
        /// The first piece as it came.
        var message: ISAKMPMessage
        var plaintext: [UInt8]
        var first: PayloadType
        var key: KeyName
        var frames: [Int]
        var count: Int
    }

    /// A message: who sent it, and under which message ID.
    private struct Name: Hashable {
        var sender: Role
        var isResponse: Bool
        var messageID: UInt32
    }

    private struct Partial {
        var name: Name
        var total: UInt16
        var pieces: [UInt16: Piece] = [:]
    }

    private var partials: [Partial] = []

    /// The bytes of all pieces that wait, and what they take beside them.
    var heldBytes: Int {
        var sum = 0
        for partial in partials {
            for piece in partial.pieces.values {
                sum += piece.plaintext.count + piece.message.bytes.count + 8 * piece.frames.count + 256
            }
        }
        return sum
    }

    /// Takes in one piece; gives the message when it is the last that was missing.
    mutating func add(
        _ piece: Piece, _ fragment: IKEv2.Encrypted.Fragment, from sender: Role, _ limits: Limits
    ) -> Whole? {
        let header = piece.message.header
        let name = Name(sender: sender, isResponse: header.flags.contains(.response), messageID: header.messageID)
        var partial = Partial(name: name, total: fragment.total)
        if let index = partials.firstIndex(where: { $0.name == name }) {
            let known = partials.remove(at: index)
            // A piece of an earlier cut, which came late.
            if known.total > fragment.total {
                partials.append(known)
                return nil
            }
            // The message was cut again into more pieces: the earlier ones are void (RFC 7383 section 2.5.2).
            if known.total == fragment.total { partial = known }
        }
        partial.pieces[fragment.number] = piece
        if partial.pieces.count == Int(fragment.total) { return Self.join(partial) }
        partials.append(partial)
        shrink(limits)
        return nil
    }

    private static func join(_ partial: Partial) -> Whole? {
        let pieces = (1...partial.total).compactMap { partial.pieces[$0] }
        guard pieces.count == Int(partial.total), let first = pieces.first else { return nil }
        var seen: Set<Int> = []
        return Whole(
            message: first.message, plaintext: pieces.flatMap(\.plaintext), first: first.first, key: first.key,
            frames: pieces.flatMap(\.frames).filter { seen.insert($0).inserted }, count: pieces.count)
    }

    /// Messages of which pieces are missing, in words.
    func incomplete() -> [ReassemblyNotice] {
        partials.map { partial in
            let missing = (1...partial.total).filter { partial.pieces[$0] == nil }
            let named = missing.prefix(Self.mostNamed).map { "\($0)" }.joined(separator: ", ")
            let more = missing.count > Self.mostNamed ? " and \(missing.count - Self.mostNamed) more" : ""
            return .incomplete(
                frames: partial.pieces.keys.sorted().flatMap { partial.pieces[$0]?.frames ?? [] },
                missing: "IKE fragment \(named)\(more) of message \(partial.name.messageID)")
        }
    }

    /// Fragments that are named of a message which lacks many.
    private static let mostNamed = 16

    private mutating func shrink(_ limits: Limits) {
        func isOver() -> Bool {
            partials.reduce(0) { $0 + $1.pieces.count } > limits.ikeFragmentsPerSA
                || heldBytes > limits.ikeFragmentBytes
        }
        while !partials.isEmpty, isOver() { partials.removeFirst() }
    }
}

extension Arrival {
    /// A message whose pieces were opened one by one; `packet` brought the last of them.
    init(_ whole: FragmentSet.Whole, in packet: Packet) {
        self.init(whole.message, in: packet, frames: whole.frames, fragments: whole.count)
        opened = whole
    }
}
