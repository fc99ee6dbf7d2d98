import ScopeDissect
import ScopeModel
import ScopeWire

/// `SM Trace`: the states of an exchange and what moves it, with `internal`.
extension IKEv2Lines {
    /// A line of one of the details.
    mutating func say(_ text: StaticString, detail: IKEv2Details) {
        guard details.contains(detail) else { return }
        say(text, as: detail == .packet ? .packet : .internal)
    }

    /// The events of a state, with blanks between them; one with a star brings no action of its own.
    mutating func trace(_ state: StaticString, _ events: StaticString) {
        guard details.contains(.internal), out.commands.contains(.ikev2) else { return }
        let words = UnsafeRawBufferPointer(start: events.utf8Start, count: events.utf8CodeUnitCount)
        var start = 0
        while start < words.count {
            var end = start
            while end < words.count, words[end] != UInt8(ascii: " ") { end += 1 }
            let isIdle = end > start && words[end - 1] == UInt8(ascii: "*")
            write(state, UnsafeRawBufferPointer(rebasing: words[start..<(isIdle ? end - 1 : end)]))
            if isIdle { say("Action: Action_Null", as: .internal) }
            start = end + 1
        }
    }

    private mutating func write(_ state: StaticString, _ event: UnsafeRawBufferPointer) {
        line(
            as: .internal, "SM Trace-> SA: I_SPI=", .paddedUpperHex(header.initiatorSPI, digits: 16), " R_SPI=",
            .paddedUpperHex(header.responderSPI, digits: 16), side == .initiator ? " (I)" : " (R)", " MsgID = ",
            .number(tracedID), " CurState: ", .literal(state), " Event: ")
        out.sink.raw(event)
    }
}
