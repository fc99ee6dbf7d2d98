import ScopeDissect
import ScopeModel
import ScopeWire

/// The annotation line that a message's lines stand under.
enum MessageHeading {
    static func write(_ message: IKEMessage, isFragment: Bool = false, to notes: AnnotationWriter) {
        let header = message.message.header
        notes.heading { sink in
            frames(message, to: sink)
            sink.literal(" · ")
            sink.endpoint(message.source)
            sink.literal(" → ")
            sink.endpoint(message.destination)
            if message.carrier == .tcp { sink.literal(" in TCP") }
            sink.literal(" · ")
            step(message, to: sink)
            sink.literal(" · ")
            if isFragment { fragment(message.message.chain, to: sink) } else { payloads(message, to: sink) }
            sink.literal(" · ")
            sink.decimal(message.message.byteCount)
            sink.literal(" bytes")
            if let id = header.exchangeID {
                sink.literal(" · message ID 0x")
                sink.hex(UInt64(id), digits: 8)
            }
        }
    }

    private static func frames(_ message: IKEMessage, to sink: ByteSink) {
        Wording.frames(message.frames, to: sink)
        if message.ikeFragments > 0 {
            sink.literal(" (IKE fragments)")
        } else if message.frames.count > 1 {
            sink.literal(" (IP fragments)")
        }
    }

    private static func step(_ message: IKEMessage, to sink: ByteSink) {
        let header = message.message.header
        guard let isResponse = header.isResponse else {
            return Wording.step(message.step, to: sink)
        }
        sink.literal("IKEv2 ")
        Wording.step(message.step, to: sink)
        sink.literal(isResponse ? " response " : " request ")
        sink.decimal(header.messageID)
    }

    private static func payloads(_ message: IKEMessage, to sink: ByteSink) {
        switch message.opening {
        case .clear: Wording.payloads(message.message.chain, to: sink)
        case .opened(let chain, _, _):
            sink.literal("decrypted: ")
            Wording.payloads(chain, to: sink)
        case .sealed: sink.literal("encrypted")
        case .unreadable: sink.literal("encrypted, not readable")
        }
    }

    private static func fragment(_ chain: PayloadChain, to sink: ByteSink) {
        sink.literal("IKE fragment")
        for payload in chain.payloads {
            switch payload.content {
            case .fragment(let content):
                sink.literal(" ")
                sink.decimal(content.number)
                if content.isLast { sink.literal(" (the last)") }
                return
            case .ikev2(.encrypted(let content)):
                guard let fragment = content.fragment else { continue }
                sink.literal(" ")
                sink.decimal(fragment.number)
                sink.literal(" of ")
                sink.decimal(fragment.total)
                return
            default: continue
            }
        }
    }
}
