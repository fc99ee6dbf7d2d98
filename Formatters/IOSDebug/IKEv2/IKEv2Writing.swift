import ScopeModel
import ScopeWire

/// How lines of `debug crypto ikev2` begin, and how they end.
///
/// A device prints a packet between two pieces that are a blank and a line end each, and begins every line with a line end:
/// so the line before a packet ends in a blank, and an empty one follows it. Hence a line is ended when the next one is known.
extension IKEv2Lines {
    /// What a line begins with.
    enum Prefix {
        /// `IKEv2:(SESSION ID = 1,SA ID = 1):`
        case plain
        /// `IKEv2:(SA ID = 1):`, what the crypto engine answers of a key exchange.
        case engine
        /// `IKEv2:`
        case bare
        /// IOS XE: `IKEv2-ERROR:(SESSION ID = 1,SA ID = 1):`
        case error
        /// IOS XE: `IKEv2-PAK:(SESSION ID = 1,SA ID = 1):`
        case packet
        /// IOS XE: `IKEv2-INTERNAL:(SESSION ID = 1,SA ID = 1):`
        case `internal`
    }

    // MARK: Lines

    /// A line of fixed words.
    mutating func say(_ text: StaticString, as prefix: Prefix = .plain) {
        guard begin(prefix) else { return }
        out.sink.literal(text)
    }

    @inline(__always) mutating func line(_ parts: Part...) {
        guard begin(.plain) else { return }
        for part in parts { part.write(to: out.sink, in: out.family) }
    }

    @inline(__always) mutating func line(as prefix: Prefix, _ parts: Part...) {
        guard begin(prefix) else { return }
        for part in parts { part.write(to: out.sink, in: out.family) }
    }

    /// The next line of a message of several: it has neither time stamp nor prefix.
    @inline(__always) mutating func continuation(_ parts: Part...) {
        guard beginContinuation() else { return }
        for part in parts { part.write(to: out.sink, in: out.family) }
    }

    /// An error, `<context>: <error>`, of which the context is often empty.
    mutating func error(_ text: StaticString, context: StaticString = "") {
        guard begin(.error) else { return }
        out.sink.literal(context)
        out.sink.literal(": ")
        out.sink.literal(text)
    }

    /// Lines of `debug crypto ipsec`, which end their lines themselves.
    mutating func ipsec(_ body: (inout IKEv2Lines) -> Void) {
        endLine()
        body(&self)
    }

    // MARK: Pieces

    /// The beginning of a line; false where it is not printed.
    mutating func begin(_ prefix: Prefix) -> Bool {
        guard out.commands.contains(.ikev2) else { return false }
        endLine()
        out.sink.raw(out.head)
        write(prefix)
        isLineOpen = true
        return true
    }

    mutating func beginContinuation() -> Bool {
        guard out.commands.contains(.ikev2) else { return false }
        endLine()
        out.sink.raw(out.lead)
        isLineOpen = true
        return true
    }

    mutating func endLine() {
        guard isLineOpen else { return }
        out.sink.newline()
        isLineOpen = false
    }

    /// The piece that stands before a packet and behind it: a blank, a line end, and the line end of what follows.
    mutating func endLineAtPacket() {
        guard out.commands.contains(.ikev2), isLineOpen else { return }
        out.sink.byte(UInt8(ascii: " "))
        out.sink.newline()
        out.sink.raw(out.lead)
        out.sink.newline()
        isLineOpen = false
    }

    private func write(_ prefix: Prefix) {
        let sink = out.sink
        switch (prefix, out.family) {
        case (.bare, _): return sink.literal("IKEv2:")
        case (.engine, _):
            sink.literal("IKEv2:(SA ID = ")
            sink.decimal(numbers.sa)
            return sink.literal("):")
        case (.error, .xe): sink.literal("IKEv2-ERROR")
        case (.packet, .xe): sink.literal("IKEv2-PAK")
        case (.internal, .xe): sink.literal("IKEv2-INTERNAL")
        case (.plain, _), (.error, .classic), (.packet, .classic), (.internal, .classic): sink.literal("IKEv2")
        }
        sink.literal(":(SESSION ID = ")
        sink.decimal(numbers.session)
        sink.literal(",SA ID = ")
        sink.decimal(numbers.sa)
        sink.literal("):")
    }
}
