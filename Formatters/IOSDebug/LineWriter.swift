import ScopeModel
import ScopeWire

/// A piece of a router line.
enum Part: ExpressibleByStringLiteral {
    case literal(StaticString)
    case decimal(Int64)
    /// Signed in the classic family, unsigned in IOS XE.
    case messageID(UInt32)
    /// Upper case, not padded, without `0x`.
    case hex(UInt64)
    case address(IPAddress)
    /// Words of our own that were put together at run time.
    case text(String)
    /// Text that a peer wrote.
    case foreign(String)
    /// A word that a capture may not know: `?` then.
    case word(StaticString?)

    init(stringLiteral value: StaticString) { self = .literal(value) }

    static func number(_ value: some BinaryInteger) -> Part { .decimal(Int64(truncatingIfNeeded: value)) }
    static let unknown = Part.word(nil)

    func write(to sink: ByteSink, in family: LineFamily = .classic) {
        switch self {
        case .literal(let text): sink.literal(text)
        case .decimal(let value): sink.decimal(value)
        case .messageID(let value):
            sink.decimal(family == .classic ? Int64(Int32(bitPattern: value)) : Int64(value))
        case .hex(let value): Self.upperHex(value, to: sink)
        case .address(let address): sink.text(address.description)
        case .text(let text): sink.text(text)
        case .foreign(let text): sink.untrusted(text)
        case .word(let text): sink.literal(text ?? "?")
        }
    }

    private static func upperHex(_ value: UInt64, to sink: ByteSink) {
        sink.text(String(value, radix: 16, uppercase: true))
    }
}

/// The one way a router line reaches the output: time stamp, prefix, text.
struct LineWriter {
    let sink: ByteSink
    let family: LineFamily
    /// Lines of other commands are not written.
    let commands: DebugCommands
    /// The device's address and a blank, where the lines of two devices stand together; it leads every line.
    let lead: [UInt8]
    /// Of the message that is being rendered.
    var stamp: [UInt8]
    var connection: ConnectionNumber

    func line(_ prefix: LinePrefix, _ parts: Part...) { line(prefix, parts) }

    func line(_ prefix: LinePrefix, _ parts: [Part]) {
        guard commands.contains(.isakmp) else { return }
        sink.raw(lead)
        sink.raw(stamp)
        sink.literal(": ")
        prefix.write(connection, in: family, to: sink)
        finish(parts)
    }

    /// The next line of a message of several: it has neither time stamp nor prefix.
    func continuation(_ parts: Part...) { continuation(parts) }

    func continuation(_ parts: [Part]) {
        guard commands.contains(.isakmp) else { return }
        writeContinuation(parts)
    }

    /// A line of `debug crypto ipsec`: its first word is a part of the text.
    func ipsec(_ parts: Part...) {
        guard commands.contains(.ipsec) else { return }
        sink.raw(lead)
        sink.raw(stamp)
        sink.literal(": ")
        finish(parts)
    }

    func ipsecContinuation(_ parts: Part...) { ipsecContinuation(parts) }

    func ipsecContinuation(_ parts: [Part]) {
        guard commands.contains(.ipsec) else { return }
        writeContinuation(parts)
    }

    private func writeContinuation(_ parts: [Part]) {
        sink.raw(lead)
        finish(parts)
    }

    private func finish(_ parts: [Part]) {
        for part in parts { part.write(to: sink, in: family) }
        sink.newline()
    }

    /// The same, indented as the family does it: by a tab, in IOS XE by eight blanks.
    func indented(_ parts: Part...) { continuation([family == .classic ? "\t" : "        "] + parts) }

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
