import ScopeModel
import ScopeWire

/// Writes annotations: IOS comments, so that a transcript can be pasted anywhere.
///
/// Inlined where it takes the parts of a line, as `LineWriter` is.
struct AnnotationWriter {
    let sink: ByteSink
    let isOn: Bool
    let hasColor: Bool

    @inline(__always) func note(_ parts: Part...) { note(parts) }
    @inline(__always) func note(_ parts: [Part]) { note { sink in for part in parts { part.write(to: sink) } } }
    @inline(__always) func note(_ body: (ByteSink) -> Void) { write("\u{1b}[2m", body) }

    /// Something that is wrong or missing.
    @inline(__always) func warning(_ parts: Part...) { warning(parts) }
    @inline(__always) func warning(_ parts: [Part]) { warning { sink in for part in parts { part.write(to: sink) } } }
    @inline(__always) func warning(_ body: (ByteSink) -> Void) { write("\u{1b}[33m", body) }

    /// The line that a group of router lines stands under.
    @inline(__always) func heading(_ body: (ByteSink) -> Void) { write("\u{1b}[1m", body) }

    /// Stands before the lines of an earlier message whose outcome only this message shows.
    func held(_ frames: [Int], by answer: [Int]) {
        note(
            "how the device took ", .frames(frames), ", as ", .frames(answer),
            answer.count == 1 ? " shows:" : " show:")
    }

    func removal(_ removal: Removal) {
        note("the IKE SA that ", .frames(removal.frames), " deleted is gone at ", .address(removal.device), ":")
    }

    @inline(__always) private func write(_ style: StaticString, _ body: (ByteSink) -> Void) {
        guard isOn else { return }
        begin(style)
        body(sink)
        end()
    }

    private func begin(_ style: StaticString) {
        if hasColor { sink.literal(style) }
        sink.literal("! ")
    }

    private func end() {
        if hasColor { sink.literal("\u{1b}[0m") }
        sink.newline()
    }
}
