import ScopeModel
import ScopeWire

/// The one way a router line reaches the output: time stamp, prefix, text.
///
/// The methods that take the parts of a line are inlined: their list then lives on the stack, and a transcript has
/// millions of lines.
struct LineWriter {
    let sink: ByteSink
    let family: LineFamily
    /// Lines of other commands are not written.
    let commands: DebugCommands
    /// The device's address and a blank, where the lines of two devices stand together; it leads every line.
    let lead: [UInt8]
    /// What a line begins with: the lead, the time of the message that is being rendered, and a colon.
    let head: [UInt8]
    var connection: ConnectionNumber

    @inline(__always) func line(_ prefix: LinePrefix, _ parts: Part...) {
        guard commands.contains(.isakmp) else { return }
        begin(prefix)
        finish(parts)
    }

    /// The next line of a message of several: it has neither time stamp nor prefix.
    @inline(__always) func continuation(_ parts: Part...) {
        guard commands.contains(.isakmp) else { return }
        sink.raw(lead)
        finish(parts)
    }

    /// A line of `debug crypto ipsec`: its first word is a part of the text.
    @inline(__always) func ipsec(_ parts: Part...) {
        guard commands.contains(.ipsec) else { return }
        sink.raw(head)
        finish(parts)
    }

    @inline(__always) func ipsecContinuation(_ parts: Part...) {
        guard commands.contains(.ipsec) else { return }
        sink.raw(lead)
        finish(parts)
    }

    /// A continuation, indented as the family does it: by a tab, in IOS XE by eight blanks.
    @inline(__always) func indented(_ parts: Part...) {
        guard commands.contains(.isakmp) else { return }
        sink.raw(lead)
        sink.literal(indent)
        finish(parts)
    }

    var indent: StaticString { family == .classic ? "\t" : "        " }

    func begin(_ prefix: LinePrefix) {
        sink.raw(head)
        prefix.write(connection, in: family, to: sink)
    }

    @inline(__always) private func finish(_ parts: [Part]) {
        for part in parts { part.write(to: sink, in: family) }
        sink.newline()
    }

    func empty() {
        guard commands.contains(.isakmp) else { return }
        sink.raw(lead)
        sink.newline()
    }

    /// A transition of phase 1; it ends in a blank and an empty line.
    func transition(_ input: StaticString, _ old: StaticString, _ new: StaticString) {
        line(.tight, "Input = ", .literal(input))
        line(.tight, "Old State = ", .literal(old), "  New State = ", .literal(new), " ")
        empty()
    }

    /// A transition of a Quick Mode; neither blank nor empty line.
    func transition(node: UInt32, _ input: StaticString, _ old: StaticString, _ new: StaticString) {
        line(.tight, "Node ", .messageID(node), ", Input = ", .literal(input))
        line(.tight, "Old State = ", .literal(old), "  New State = ", .literal(new))
    }

    func processing(_ payload: StaticString, messageID: UInt32 = 0) {
        line(.blank, "processing ", .literal(payload), " payload. message ID = ", .messageID(messageID))
    }

    func newNode(_ node: UInt32) { line(.plain, "set new node ", .messageID(node), " to QM_IDLE      ") }

    /// Comes with every deletion and says nothing about a fault; in the classic family an empty line follows.
    func noParanoidKeepalives() {
        line(.tight, "peer does not do paranoid keepalives.")
        if family == .classic { empty() }
    }

    func deleteNode(_ node: UInt32, reason: StaticString) {
        line(.tight, "deleting node ", .messageID(node), " error FALSE reason \"", .literal(reason), "\"")
    }
}
