import ScopeDissect
import ScopeModel
import ScopeWire

/// The line of an IKE message, or of a fragment of one.
struct IKELine {
    let message: IKEMessage
    /// An earlier line says in full why a message like this stays closed.
    var isReasonKnown = false

    private var header: ISAKMPHeader { message.message.header }

    var style: LineStyle {
        if case .sighting = message.repetition { return .dim }
        if let fault, !fault.isOfCapture { return .warning }
        return if case .first = message.repetition { .bold } else { .plain }
    }

    func write(to sink: ByteSink) {
        NoticeLine.route(message.source, message.destination, to: sink)
        sink.literal(message.carrier == .tcp ? "IKE-in-TCP " : "IKE")
        sink.text(header.shortVersion)
        sink.byte(UInt8(ascii: " "))
        Wording.step(message.step, to: sink)
        if let isResponse = header.isResponse { sink.literal(isResponse ? " response" : " request") }
        sink.literal(" spi=")
        sink.hex(header.initiatorSPI, digits: 16)
        sink.byte(UInt8(ascii: "/"))
        sink.hex(header.responderSPI, digits: 16)
        if header.messageID != 0 || header.isResponse != nil {
            sink.literal(" mid=0x")
            sink.hex(UInt64(header.messageID), digits: 8)
        }
        sink.literal(" len=")
        sink.decimal(header.length)
        sink.byte(UInt8(ascii: " "))
        contents(to: sink)
        if message.ikeFragments > 0 {
            sink.literal(" ike-fragments=")
            sink.decimal(message.ikeFragments)
        }
        if let fault, !isSaid(fault) {
            sink.literal(fault.isOfCapture ? " cut by the capture: " : " malformed: ")
            sink.untrusted(fault.description)
        }
        IPsecLine.repetition(message.repetition, to: sink)
    }

    /// Why the message stays closed says so already.
    private func isSaid(_ fault: DecodeError) -> Bool {
        guard fault.isOfCapture, case .sealed = message.opening else { return false }
        return true
    }

    private func contents(to sink: ByteSink) {
        switch message.opening {
        case .clear: payloads(message.message.chain, to: sink)
        case .opened(let chain, _, let proof):
            sink.literal("decrypted ")
            // A piece of a message shows what it is a piece of, and nothing of its content.
            payloads(isPiece ? message.message.chain : chain, to: sink)
            switch proof {
            case .verified(let kind):
                guard kind.isAuthentication else { break }
                sink.literal(" AUTH verified")
            case .failed(let kind):
                sink.byte(UInt8(ascii: " "))
                sink.text(kind.description)
                sink.literal(" wrong")
            case .notChecked: sink.literal(" hash unchecked")
            }
        case .sealed(let why):
            sink.literal("encrypted: ")
            sink.untrusted(isReasonKnown ? why.prefix { $0 != ":" && $0 != ";" } : why[...])
        case .unreadable(let tried):
            sink.literal("encrypted: no key opens it")
            if !tried.isEmpty {
                sink.literal("; tried ")
                sink.untrusted(tried.map(\.description).joined(separator: ", "))
            }
        }
    }

    private var isPiece: Bool {
        message.ikeFragments == 0 && message.message.chain.contains(.encryptedFragment)
    }

    /// `SA,VID×4`: the payloads in wire order; equal ones side by side are counted.
    private func payloads(_ chain: PayloadChain, to sink: ByteSink) {
        if chain.payloads.isEmpty {
            guard message.message.isCut else { return sink.literal("no payload") }
            return sink.text(header.nextPayload.shortName)
        }
        var index = 0
        while index < chain.payloads.count {
            let word = Self.word(chain.payloads[index])
            let count = chain.payloads[index...].prefix { Self.word($0) == word }.count
            if index > 0 { sink.byte(UInt8(ascii: ",")) }
            sink.text(word)
            if count > 1 {
                sink.literal("×")
                sink.decimal(count)
            }
            index += count
        }
    }

    /// The short name, with the content of a payload that says a single thing.
    private static func word(_ payload: Payload) -> String {
        let content =
            switch payload.content {
            case .notification(let content): content.type.name ?? "\(content.type.rawValue)"
            case .delete(let content): content.protocolID.name ?? "\(content.protocolID.rawValue)"
            case .fragment(let content): "\(content.number)\(content.isLast ? ",last" : "")"
            case .ikev2(let content): word(content)
            default: ""
            }
        return content.isEmpty ? payload.name : "\(payload.name)(\(content))"
    }

    private static func word(_ content: IKEv2.Content) -> String {
        switch content {
        case .notify(let content): content.type.name ?? "\(content.type.rawValue)"
        case .delete(let content): content.protocolID.name ?? "\(content.protocolID.rawValue)"
        case .encrypted(let content): content.fragment.map { "\($0.number)/\($0.total)" } ?? ""
        case .eap(let content):
            content.type.map { $0.name ?? "\($0.rawValue)" } ?? content.code.name ?? "\(content.code.rawValue)"
        default: ""
        }
    }

    /// What is wrong with the chain, or with the first payload of it that is wrong; its offset counts in the message
    /// or in the plaintext.
    private var fault: DecodeError? {
        let chain = message.readable ?? message.message.chain
        return chain.error ?? chain.payloads.lazy.compactMap(\.problem).first
    }
}
