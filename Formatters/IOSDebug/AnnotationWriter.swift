import ScopeModel
import ScopeWire

/// Writes annotations: IOS comments, so that a transcript can be pasted anywhere.
struct AnnotationWriter {
    let sink: ByteSink
    let isOn: Bool
    let hasColor: Bool

    func note(_ parts: Part...) { write(parts, style: "\u{1b}[2m") }
    func note(_ parts: [Part]) { write(parts, style: "\u{1b}[2m") }

    /// Something that is wrong or missing.
    func warning(_ parts: Part...) { write(parts, style: "\u{1b}[33m") }
    func warning(_ parts: [Part]) { write(parts, style: "\u{1b}[33m") }

    /// The line that a group of router lines stands under.
    func heading(_ parts: [Part]) { write(parts, style: "\u{1b}[1m") }

    /// Before lines that an earlier message caused, and whose outcome only this one shows.
    func held(_ frames: [Int], by answer: [Int]) {
        note(
            "what the device made of ", .text(Wording.frames(frames)), ", as ", .text(Wording.frames(answer)), " shows:"
        )
    }

    func removal(_ removal: Removal) {
        note(
            "the IKE SA that ", .text(Wording.frames(removal.frames)), " deleted is gone at ",
            .address(removal.device), ":")
    }

    private func write(_ parts: [Part], style: StaticString) {
        guard isOn else { return }
        if hasColor { sink.literal(style) }
        sink.literal("! ")
        for part in parts { part.write(to: sink) }
        if hasColor { sink.literal("\u{1b}[0m") }
        sink.newline()
    }
}
