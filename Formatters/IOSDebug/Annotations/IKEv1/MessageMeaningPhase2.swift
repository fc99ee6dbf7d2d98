import ScopeDissect
import ScopeModel
import ScopeWire

/// What the messages behind phase 1 mean.
extension MessageMeaning {
    func quickMode(_ number: Int) {
        guard let chain else { return }
        switch number {
        case 1: proposals(chain, verb: " proposes ")
        case 2: proposals(chain, verb: " accepts ")
        case 3:
            guard let exchange = message.quickMode, exchange.answer != nil else { return }
            notes.note(sender, " confirms: the new SAs are in use from here on")
        default: break
        }
        for notification in Notifications.all(in: chain) { notify(notification) }
    }

    private func proposals(_ chain: PayloadChain, verb: StaticString) {
        guard case .sa(let payload) = chain.first(.sa)?.content else { return }
        var shown = 0
        for proposal in payload.proposals {
            for transform in proposal.transforms where shown < 16 {
                shown += 1
                let suite = ChildSuite(transform, of: proposal.protocolID)
                notes.note(
                    sender, .literal(verb), .child(suite), suite.group == nil ? ", no PFS" : "", ", its SPI is ",
                    .hexBytes(proposal.spi))
            }
        }
        let total = payload.proposals.reduce(0) { $0 + $1.transforms.count }
        if total > shown { notes.note("  and ", .number(total - shown), " more") }
        guard let exchange = message.quickMode else { return }
        if message.step == .v1(.quickMode(1)) {
            if let asked = exchange.asked {
                notes.note { sink in
                    sink.literal("for traffic between ")
                    write(asked, of: exchange, to: sink)
                }
            } else {
                notes.note("for traffic between the peers themselves: no proxy identities are given")
            }
        } else if let granted = exchange.granted, granted.traffic != exchange.asked?.traffic {
            notes.warning { sink in
                sink.write(sender, " answers with other traffic than the request: the SAs are for ")
                write(granted, of: exchange, to: sink)
            }
        }
    }

    /// `10.1.0.0/24 (initiator) and 10.2.0.0/24 (responder)`.
    private func write(_ identities: ProxyIdentities, of exchange: ChildNegotiation, to sink: ByteSink) {
        Wording.identity(identities.initiator, to: sink)
        sink.write(" (", Wording.side(exchange.initiatedBy), ") and ")
        Wording.identity(identities.responder, to: sink)
        sink.write(" (", Wording.side(exchange.initiatedBy.other), ")")
    }

    /// Mode Config and XAUTH: what kind of message it is, and what it says; passwords are not shown.
    func transaction() {
        guard case .attributes(let payload) = chain?.first(.attributes)?.content else { return }
        let what: Part = payload.isXAUTH ? "XAUTH" : "configuration"
        switch payload.type {
        case 1: notes.note(sender, " asks for ", what)
        case 2: notes.note(sender, " answers with ", what)
        case 3: notes.note(sender, " sets ", what)
        case 4: notes.note(sender, " acknowledges ", what)
        default: notes.note(sender, .text(" sends \(payload.type) of "), what)
        }
        for attribute in payload.attributes where !attribute.value.isEmpty { notes.note(value(of: attribute)) }
    }

    private func value(of attribute: Attribute) -> [Part] {
        let kind = ModeConfigAttribute(rawValue: attribute.type)
        let name: [Part] = ["  ", .text(kind.name ?? "attribute \(attribute.type)"), " "]
        if kind.isSecret, !showSecrets { return name + ["(hidden)"] }
        return switch kind.meaning(attribute.value) {
        case .address(let address): name + [.address(address)]
        case .text(let text): name + ["\"", .foreign(text), "\""]
        case .number(let number): name + [.number(number)]
        case .code(let number, let word): name + [.text(word ?? "\(number)")]
        case .bytes, .structure: name + [.foreign(Wording.text(of: attribute.value))]
        }
    }

    func informational() {
        guard let chain else { return }
        for delete in Notifications.deletes(in: chain) { deleted(delete) }
        for notification in Notifications.all(in: chain) { notify(notification) }
    }

    private func deleted(_ delete: DeletePayload) {
        if delete.protocolID == .isakmp {
            notes.note(
                sender, " deletes the IKE SA ",
                .text(
                    delete.cookies.prefix(16).map { String(hex: $0.initiator, digits: 16) }
                        .joined(separator: ", ")))
            return
        }
        let name = delete.protocolID.name ?? "protocol \(delete.protocolID.rawValue)"
        notes.note(
            sender, " deletes ", .text(Wording.count(delete.count, "\(name) SA")), ": SPI ",
            .text(delete.spis.prefix(16).map { "0x" + String(hex: $0) }.joined(separator: ", ")),
            " (packets to it are not accepted any more)")
    }

    func notify(_ notification: NotificationPayload) {
        let name: Part = .text("\(notification.type)")
        let isAlarm = notification.type.isError
        let parts: [Part] =
            switch notification.type {
            case .initialContact:
                [sender, " has no older SAs with this peer and asks it to drop what it has (INITIAL-CONTACT)"]
            case .rUThere: asks(notification)
            case .rUThereAck: answers(notification)
            case .noProposalChosen: refusal()
            case .invalidIDInformation:
                [sender, " does not accept these identities or networks (INVALID-ID-INFORMATION)"]
            case .authenticationFailed:
                [sender, " says that authentication failed (AUTHENTICATION-FAILED)"]
            case .payloadMalformed:
                [
                    sender, " could not read a message (PAYLOAD-MALFORMED)",
                    keysDiffer
                        ? "" : "; after message 5 this often means different pre-shared keys, but it is no proof",
                ]
            case .responderLifetime:
                [
                    sender, " uses the SA for a shorter time than was offered (RESPONDER-LIFETIME)",
                    notification.lifetimeSeconds.map { .text(": \($0) s") } ?? "",
                ]
            default: [sender, isAlarm ? " reports an error: " : " notifies: ", name]
            }
        if isAlarm || isAskedInVain { notes.warning(parts) } else { notes.note(parts) }
        if message.step.isInformational, !message.message.header.flags.contains(.encryption) {
            notes.note("it is not protected, so anybody could have sent it")
        }
    }

    /// Dead Peer Detection asks again: the question before had no answer.
    private var isAskedInVain: Bool {
        if case .asks(_, _, let attempt) = message.liveness { attempt > 1 } else { false }
    }

    private func asks(_ notification: NotificationPayload) -> [Part] {
        let name: [Part] = ["DPD R-U-THERE, sequence ", number(notification), ")"]
        guard case .asks(_, let first, let attempt) = message.liveness, attempt > 1 else {
            return [sender, " asks whether the peer is alive ("] + name
        }
        return [
            sender, " asks again whether the peer is alive (try ", .number(attempt), ": ",
            .frame(first), " has no answer; ",
        ] + name
    }

    private func answers(_ notification: NotificationPayload) -> [Part] {
        var parts: [Part] = [sender, " is alive"]
        if case .answers(_, let asked?) = message.liveness {
            parts += [": it answers ", .frame(asked)]
        }
        return parts + [" (DPD R-U-THERE-ACK, sequence ", number(notification), ")"]
    }

    /// A device may refuse phase 1 to a stranger as well; in phase 2 the peers know each other.
    private func refusal() -> [Part] {
        guard message.sa?.isUp == true else {
            return [
                sender, " accepts none of the proposals (NO-PROPOSAL-CHOSEN): the reason is known only there; some",
                " devices say this to a peer that they do not know, too",
            ]
        }
        return [
            sender, " accepts none of the proposals (NO-PROPOSAL-CHOSEN): transform, mode, PFS group or lifetime",
            " differ from its own, and which of them is known only there",
        ]
    }

    private func number(_ notification: NotificationPayload) -> Part {
        notification.sequenceNumber.map { .number($0) } ?? .unknown
    }
}
