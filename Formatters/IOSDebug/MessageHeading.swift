import ScopeDissect
import ScopeModel
import ScopeWire

/// The annotation line that a message's lines stand under.
enum MessageHeading {
    static func write(_ message: IKEMessage, isFragment: Bool = false, to notes: AnnotationWriter) {
        let header = message.message.header
        var parts: [Part] = [
            .text(frames(message)), " · ", .text(message.source.description), " → ",
            .text(message.destination.description),
        ]
        if message.carrier == .tcp { parts.append(" in TCP") }
        parts += [" · ", .text(step(message))]
        if isFragment {
            parts += [" · ", .text(fragment(message.message.chain))]
        } else {
            parts += [" · ", .text(payloads(message))]
        }
        parts.append(.text(" · \(message.message.bytes.count) bytes"))
        if header.messageID != 0, header.majorVersion == 1 {
            parts.append(.text(" · message ID 0x\(Wording.hex(header.messageID, digits: 8))"))
        }
        notes.heading(parts)
    }

    private static func frames(_ message: IKEMessage) -> String {
        let frames = Wording.frames(message.frames)
        if message.ikeFragments > 0 { return "\(frames) (IKE fragments)" }
        return message.frames.count > 1 ? "\(frames) (IP fragments)" : frames
    }

    private static func step(_ message: IKEMessage) -> String {
        let header = message.message.header
        let name = Wording.step(message.step, exchange: header.exchange)
        guard message.step == .ikev2 else { return name }
        let kind = header.flags.contains(.response) ? "response" : "request"
        return "IKEv2 \(name) \(kind) \(header.messageID)"
    }

    private static func payloads(_ message: IKEMessage) -> String {
        switch message.opening {
        case .clear: Wording.payloads(message.message.chain)
        case .opened(let chain, _, _): "decrypted: \(Wording.payloads(chain))"
        case .sealed: "encrypted"
        case .unreadable: "encrypted, not readable"
        }
    }

    private static func fragment(_ chain: PayloadChain) -> String {
        guard case .fragment(let content) = chain.first(.fragment)?.content else { return "IKE fragment" }
        return "IKE fragment \(content.number)\(content.isLast ? " (the last)" : "")"
    }
}
