import ScopeModel
import ScopeWire

/// How a device takes an IKE SA down.
///
/// Behind a received delete it first sends its own, if it sends one; so these lines wait for it.
struct Removal {
    var connection: ConnectionNumber
    var local: Role
    var device: IPAddress
    var peer: IPAddress
    /// Long and short state until then.
    var phase: StaticString
    var state: StaticString
    /// Nil where only the device knows it.
    var reason: StaticString?
    /// Message ids that still have a node.
    var nodes: [UInt32]
    var time: Instant
    var frames: [Int]

    /// A device answers a delete at once; what comes later is not part of it.
    static let patience: Int64 = 2_000_000_000

    func write(to writer: LineWriter) {
        var out = writer
        out.connection = connection
        out.transition("IKE_MESG_INTERNAL, IKE_PHASE1_DEL", phase, "IKE_DEST_SA")
        out.line(
            .tight, "deleting SA reason \"", .word(reason), "\" state ",
            .literal(local == .initiator ? "(I) " : "(R) "),
            .literal(state), " (peer ", .address(peer), ") ")
        for node in nodes { out.deleteNode(node, reason: "IKE deleted") }
        out.transition("IKE_MESG_FROM_PEER, IKE_MM_EXCH", "IKE_DEST_SA", "IKE_DEST_SA")
    }
}

extension MessageLines {
    mutating func scheduleRemoval(_ reason: StaticString?) {
        let state = currentState
        memory.isGone = true
        memory.removal = Removal(
            connection: out.connection, local: local, device: localEnd.address, peer: peer,
            phase: phase1State ?? "?", state: state, reason: reason, nodes: memory.livingNodes(at: time), time: time,
            frames: message.frames)
    }

    mutating func releaseRemoval() {
        guard let removal = memory.removal else { return }
        memory.removal = nil
        if removal.frames != message.frames { notes.removal(removal) }
        removal.write(to: out)
    }
}
