import ScopeDissect
import ScopeModel
import ScopeWire

/// What a message means, in plain words: a line, or a few where there is more to know.
struct MessageMeaning {
    let message: IKEMessage
    let notes: AnnotationWriter
    /// Passwords of XAUTH are shown.
    let showSecrets: Bool
    /// Each side was seen to use a key of its own.
    private(set) var keysDiffer = false

    init(message: IKEMessage, notes: AnnotationWriter, showSecrets: Bool) {
        self.message = message
        self.notes = notes
        self.showSecrets = showSecrets
    }

    var sender: Part { Wording.side(message.sender) }
    var chain: PayloadChain? { message.readable }

    /// Writes what holds of a message of either version; false when a repeat has nothing more to tell.
    mutating func writeCircumstances(_ story: SAStory) -> Bool {
        switch message.repetition {
        case .sighting(let frame):
            notes.note("the packet of ", .frame(frame), ", seen at another point of the capture")
            return false
        case .reflection(let frame):
            notes.warning("the message of ", .frame(frame), ", sent back byte for byte: no answer")
            return false
        case .retransmission(let frame, let count):
            repeated(frame, count, hasPeerSpoken: story.lastSender == message.sender.other)
            story.lastSender = message.sender
            return false
        case .first: break
        }
        story.lastSender = message.sender
        crossed()
        missed()
        tellOpening(story)
        if let error = chain?.error {
            if error.isOfCapture {
                notes.note("the capture cut the message: ", .foreign(error.description))
            } else {
                notes.warning("the payloads are malformed: ", .foreign(error.description))
            }
        }
        return true
    }

    /// Writes what the payloads of an IKEv1 message mean.
    func writeContents(_ step: IKEv1Step) {
        switch step {
        case .mainMode(let number): mainMode(number)
        case .aggressive(let number): aggressive(number)
        case .quickMode(let number): quickMode(number)
        case .informational: informational()
        case .transaction: transaction()
        case .newGroup(let number): newGroup(number)
        case .groupKeyPull(let number): groupKeyPull(number)
        case .groupKeyPush: groupKeyPush()
        case .other: break
        }
    }

    private var isOfVersion1: Bool { message.step.version == .v1 }

    private func repeated(_ frame: Int, _ count: Int, hasPeerSpoken: Bool) {
        if case .v2(let step) = message.step {
            let parts: [Part] = [sender, " repeats ", .frame(frame), .text(" (try \(count + 1)): ")]
            // Only a request is sent again by itself (RFC 7296 section 2.1).
            if step.isResponse { return notes.note(parts + ["the request had come again"]) }
            return notes.warning(
                parts + [Wording.side(message.sender.other), " has not answered, or its answer did not arrive"])
        }
        let hasProgressed: Bool =
            switch (message.step, message.sa, message.quickMode) {
            case (.v1(.mainMode(let number)), let sa?, _), (.v1(.aggressive(let number)), let sa?, _):
                sa.phase1.position > number
            case (.v1(.quickMode(let number)), _, let exchange?): exchange.position > number
            default: false
            }
        var parts: [Part] = [sender, " repeats ", .frame(frame), .text(" (try \(count + 1)): ")]
        parts +=
            hasProgressed
            ? ["the answer had been sent already, or did not arrive"]
            : [
                Wording.side(message.sender.other),
                hasPeerSpoken ? " has not sent the expected message" : " has not answered",
            ]
        if hasProgressed { notes.note(parts) } else { notes.warning(parts) }
    }

    /// Both sides began: each is the initiator of one of the two IKE SAs.
    private func crossed() {
        guard let crossing = message.sa?.crosses, message.positionBefore == 0, isOfVersion1 || message.step.isFirst
        else { return }
        notes.note(
            .address(message.destination.address), " began the IKE SA ",
            .paddedHex(crossing.initiatorSPI, digits: 16), " with this side in ",
            .frame(crossing.frame), ", which is not complete yet: both sides initiate")
    }

    /// The messages of phase 1 before this one that the capture lacks.
    private func missed() {
        guard let sa = message.sa, !sa.phase1.missed.isEmpty, message.step.isOfSetUp, let number = message.step.number,
            message.positionBefore < number - 1
        else { return }
        let gap = sa.phase1.missed.filter { $0 > message.positionBefore && $0 < number }
        guard let first = gap.first, let last = gap.last else { return }
        notes.warning(
            .text(first == last ? "message \(first) of phase 1 is" : "messages \(first) to \(last) of phase 1 are"),
            " not in the capture")
    }

    private mutating func tellOpening(_ story: SAStory) {
        switch message.opening {
        case .clear: break
        case .opened(_, let key, let proof):
            if story.keyNames != .one(key) {
                if story.keyNames != nil {
                    notes.note("this one opens with another key: ", .foreign(key.description))
                }
                story.keyNames = .one(key)
            }
            // In IKEv2 the keys of both sides change as key exchanges are added, for one of them first.
            if isOfVersion1 { story.usedKeys[message.sender] = key }
            if let other = story.usedKeys[message.sender.other], other != key {
                keysDiffer = true
                notes.warning(
                    "the two sides use different keys, so ", Wording.side(message.sender.other), " cannot read it")
            }
            // AUTH has a line of its own.
            if case .failed(let kind) = proof, !kind.isAuthentication {
                notes.warning(.text(kind.description), " does not match: the keys do not prove this message")
            }
        case .sealed(let why):
            guard !story.hasSaidWhatIsMissing else { return }
            story.hasSaidWhatIsMissing = true
            notes.warning("encrypted, and not opened: ", .foreign(why))
        case .unreadable(let tried):
            // Where no key opens an SA, that is said once. In an SA that is open, each message that is not is news.
            guard story.keyNames != nil || !story.hasSaidWhatIsMissing else { return }
            notes.warning(
                "no key opens it; tried: ",
                .foreign(tried.isEmpty ? "none" : tried.map(\.description).joined(separator: ", ")))
        }
    }

    // MARK: Main Mode

    private func mainMode(_ number: Int) {
        switch number {
        case 1: offer()
        case 2: choice()
        case 3, 4:
            publicValue()
            certificates()
        case 5, 6: identity(isLast: number == 6)
        default: break
        }
    }

    func offer() {
        guard case .sa(let offer) = chain?.first(.sa)?.content else { return }
        let transforms = offer.proposals.flatMap(\.transforms)
        if transforms.count == 1, let only = transforms.first {
            return notes.note(sender, " offers 1 transform: ", .ike(IKESuite(only)))
        }
        notes.note(sender, " offers ", .count(transforms.count, "transform"), transforms.isEmpty ? "" : ":")
        for transform in transforms.prefix(Self.listed) {
            notes.note("  transform ", .number(transform.number), ": ", .ike(IKESuite(transform)))
        }
        more(transforms.count)
    }

    private static let listed = 16

    private func more(_ count: Int) {
        if count > Self.listed { notes.note("  and ", .number(count - Self.listed), " more") }
    }

    func choice() {
        guard case .sa(let answer) = chain?.first(.sa)?.content, let chosen = answer.proposals.first?.transforms.first
        else { return }
        let suite = IKESuite(chosen)
        notes.note(sender, " chose transform ", .number(chosen.number), ": ", .ike(suite))
        if let offer = message.sa?.offer, !Phase1Choice.isOffered(suite, in: offer) {
            notes.warning("that is not among the transforms that were offered")
        }
    }

    func publicValue() {
        guard let chain else { return }
        sealedBodies(chain)
        if let payload = chain.first(.keyExchange), !payload.isSealed {
            let group = message.sa?.suite?.group
            let nonce = chain.first(.nonce).flatMap { $0.isSealed ? nil : $0.body.count }
            notes.note { sink in
                sink.write(sender, " sends its DH public value")
                if let group { sink.write(" of group ", .number(group.rawValue)) }
                sink.write(" (", .number(payload.body.count), " bytes)")
                if let nonce { sink.write(" and a nonce of ", .number(nonce), " bytes") }
            }
        }
        natDiscovery(as: "NAT-D")
    }

    /// One sentence on NAT, as far as this tap shows it; `name` is what the version calls it.
    func natDiscovery(as name: Part) {
        let matches = message.natDiscovery
        guard !matches.isEmpty else { return }
        let isHere = matches.contains(.destination)
        let isThere = matches.contains(.source)
        let source: Part = .endpoint(message.source)
        let destination: Part = .endpoint(message.destination)
        if matches.contains(.unknown), !isHere, !isThere {
            notes.note(name, " cannot be checked: the hash algorithm is not known")
        } else if isHere, isThere {
            notes.note(name, ": both hashes match the addresses seen here, so no NAT was crossed up to this point")
        } else if isHere {
            notes.note(
                name, ": no hash matches ", source, ": ", sender,
                " is behind a NAT, or claims to be, so that ESP is carried in UDP")
        } else if isThere {
            notes.note(
                name, ": no hash matches ", destination, ": ", Wording.side(message.sender.other),
                " is behind a NAT as ", sender, " sees it")
        } else {
            notes.note(name, ": no hash matches the addresses seen here: NAT on both sides, or forced on one of them")
        }
    }

    private func identity(isLast: Bool) {
        guard let chain else { return }
        if case .identification(let content) = chain.first(.identification)?.content {
            notes.note { sink in
                sink.write(sender, " is ")
                sink.text(content.type.name ?? "an identity of type \(content.type.rawValue)")
                sink.literal(" ")
                Wording.identity(content, to: sink)
                proof(chain, to: sink)
            }
        } else if case .verified(let kind) = message.proof {
            notes.note(sender, " proves its key by ", .text(kind.description))
        }
        certificates()
        for notification in Notifications.all(in: chain) { notify(notification) }
        if isLast, message.sa?.isUp == true { notes.note("phase 1 is complete") }
    }

    private func proof(_ chain: PayloadChain, to sink: ByteSink) {
        if case .verified(let kind) = message.proof {
            sink.write(", proved by ", .text(kind.description))
            if kind.isSignature { sink.literal(" with the key of its certificate") }
        } else if chain.contains(.signature) {
            sink.literal(", with a signature that no known key proves")
        }
    }

    // MARK: Aggressive Mode

    private func aggressive(_ number: Int) {
        if number == 1 { offer() }
        if number == 2 { choice() }
        publicValue()
        identity(isLast: number == 3)
    }
}
