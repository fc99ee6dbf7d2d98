import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    /// Takes in one message; a repeat counts with the one it repeats.
    mutating func take(_ message: IKEMessage, _ event: Event) {
        if case .retransmission(let frame, _) = message.repetition {
            if let index = messages.lastIndex(where: { $0.frames.contains(frame) }) {
                messages[index].repeats += 1
                messages[index].lastTime = event.time
                if messages[index].frames.count < 32 { messages[index].frames.append(event.frame) }
            }
            return
        }
        if let sa = message.sa, offer == nil { offer = sa.offer }
        if message.sender == .responder, sent(by: .responder).isEmpty, message.source.address != responder,
            message.destination.address == initiator
        {
            answeredFrom = message.source.address
        }
        if !message.natDiscovery.isEmpty, natDiscovery[message.sender] == nil {
            natDiscovery[message.sender] = message.natDiscovery
        }
        note(vendorsOf: message, event)
        if let mode = message.quickMode { note(mode) }
        let made = Message(message, event)
        if messages.count >= Self.most {
            // The beginning tells most; of the rest the latest.
            messages.remove(at: Self.most / 2)
        }
        messages.append(made)
    }

    private mutating func note(_ mode: QuickMode) {
        if let index = quickModes.lastIndex(where: { $0.messageID == mode.messageID }) {
            var mode = mode
            // What the tracker let go of when it was through is still of use here.
            if mode.offer == nil { mode.offer = quickModes[index].offer }
            if mode.answer == nil { mode.answer = quickModes[index].answer }
            mode.initiatorKE = mode.initiatorKE ?? quickModes[index].initiatorKE
            quickModes[index] = mode
        } else if quickModes.count < 64 {
            quickModes.append(mode)
        }
    }

    private mutating func note(vendorsOf message: IKEMessage, _ event: Event) {
        for payload in message.message.chain.all(.vendorID) {
            guard case .vendorID(let vendor?) = payload.content else { continue }
            vendors[message.sender, default: []].insert(vendor.family)
            // Check Point's: 20 bytes, then product, version, time, and more.
            guard clocks[message.sender] == nil, vendor.name.hasPrefix("Check Point") else { continue }
            let body = Array(message.message.chain.slice(payload.body).prefix(40))
            guard body.count == 40 else { continue }
            let seconds = body[28..<32].reduce(0) { $0 << 8 | UInt32($1) }
            if seconds != 0 { clocks[message.sender] = (seconds, event.time, event.frame) }
        }
    }
}

extension Attempt.Message {
    init(_ message: IKEMessage, _ event: Event) {
        frames = [event.frame]
        time = event.time
        lastTime = event.time
        sender = message.sender
        step = message.step
        length = message.message.bytes.count
        messageID = message.message.header.messageID
        isEncrypted = !message.message.ciphertext.isEmpty
        isOpened = message.readable != nil
        proof = message.proof
        ports = (message.source.port, message.destination.port)
        isFragmented = message.ikeFragments > 0 || message.frames.count > 1
        var notifications: [Attempt.Notification] = []
        var deletes: [DeletePayload] = []
        var identification: IdentificationPayload?
        var configuration: AttributesPayload?
        var requests: [String] = []
        if case .opened(_, let name, _) = message.opening { key = name }
        defer {
            set(
                notifications: notifications, deletes: deletes, identification: identification,
                liveness: message.liveness, certificates: message.certificates, configuration: configuration,
                requests: requests)
        }
        guard let chain = message.readable else { return }
        hasKE = chain.first(.keyExchange) != nil
        hasCertificate = chain.first(.certificate) != nil
        hasSignature = chain.first(.signature) != nil
        isHashBehind = chain.payloads.firstIndex { $0.type == .hash }.map { $0 > 0 } ?? false
        for payload in chain.payloads {
            switch payload.content {
            case .notification(let content):
                notifications.append(
                    Attempt.Notification(
                        type: content.type, protocolID: content.protocolID, spiLength: content.spi.count,
                        spi: content.spi, data: Array(chain.slice(content.data).prefix(64))))
            case .delete(let content): deletes.append(content)
            case .identification(let content): identification = identification ?? content
            case .attributes(let content): configuration = content
            case .certificateRequest(let content) where requests.count < 64: requests.append(content.name ?? "")
            default: break
            }
        }
    }
}
