import ScopeDissect
import ScopeModel
import ScopeWire

/// What a message of IKEv2 means, in plain words: what its exchange is for, and what its payloads say.
struct IKEv2Meaning {
    let message: IKEMessage
    let step: IKEv2Step
    let reading: IKEv2Reading
    let chain: PayloadChain
    let notes: AnnotationWriter
    /// What both versions say alike.
    let common: MessageMeaning

    var sender: Part { Wording.side(message.sender) }
    var other: Part { Wording.side(message.sender.other) }

    /// How many lines a list may have.
    static let listed = 16

    /// Nil for a message whose payloads nobody can read.
    init?(_ common: MessageMeaning, _ step: IKEv2Step) {
        guard let reading = common.message.v2, let chain = common.message.readable else { return nil }
        message = common.message
        notes = common.notes
        self.common = common
        self.step = step
        self.reading = reading
        self.chain = chain
    }

    func write(_ story: SAStory) {
        breaches()
        if step.isResponse { answer() } else { request() }
        proposals()
        keyExchange()
        common.natDiscovery(as: "NAT detection")
        identities()
        common.certificates()
        certificateRequests()
        authentication()
        eap()
        configuration()
        traffic()
        deletes()
        notifications()
        vendors()
        outcome()
        crossedRekeying(story)
        strength(story)
    }

    // MARK: The exchange

    private func request() {
        switch reading.purpose {
        case .initial(let attempt):
            guard attempt > 1 else { return }
            notes.note(
                sender, " asks again for an IKE SA (request ", .number(attempt), ")",
                has(.cookie) ? ", with the cookie that it was given" : "")
        case .resumption: notes.note(sender, " asks to resume an earlier IKE SA with the ticket that it was given")
        case .child where step.exchange == .createChildSA: notes.note(sender, " asks for one more pair of SAs")
        case .rekeyedChild(let rekeyed):
            notes.note(
                sender, " asks for SAs in place of those whose packets it receives as ",
                .text(Self.name(rekeyed.protocolID)), " ", .spi(rekeyed.spi))
        case .rekeyedIKE: notes.note(sender, " asks for another IKE SA in place of this one")
        case .followup: notes.note(sender, " goes on with the key exchanges of CREATE_CHILD_SA")
        case .liveness: notes.note(sender, " asks whether ", other, " is alive")
        case .addresses: notes.note(sender, " moves the SAs to ", .address(message.source.address))
        case .child, .intermediate, .authentication, .deletedIKE, .deletedChildren, .redirect, .notice, .other,
            .unread:
            break
        }
    }

    private func answer() {
        let asked: [Part] = reading.request.map { [" ", .frame($0)] } ?? [" a request that the capture lacks"]
        switch reading.purpose {
        case .liveness: notes.note([sender, " is alive: it answers"] + asked)
        case .deletedIKE, .deletedChildren, .addresses, .redirect, .notice:
            guard chain.payloads.isEmpty else { return }
            notes.note([sender, " confirms"] + asked)
        case .unread:
            notes.note(sender, " answers a request that is not in the capture or stays closed")
        case .initial, .resumption, .intermediate, .authentication, .child, .rekeyedChild, .rekeyedIKE, .followup,
            .other:
            break
        }
    }

    /// What the message has brought about.
    private func outcome() {
        if let successor = reading.successor {
            notes.note(
                "the IKE SA ", .paddedHex(successor.initiatorSPI, digits: 16), " ",
                .paddedHex(successor.responderSPI, digits: 16), " takes the place of this one")
        }
        if step.isResponse, let child = message.quickMode, !child.agreed.isEmpty, let old = child.v2?.rekeys {
            notes.note(
                "they take the place of the SAs that ", Wording.side(child.initiatedBy), " had as ",
                .text(Self.name(old.protocolID)), " ", .spi(old.spi))
        }
        if step.exchange == .ikeAuth, step.isResponse, message.sa?.isUp == true { notes.note("the IKE SA is up") }
    }

    private func breaches() {
        for breach in reading.breaches.prefix(Self.listed) {
            let name: Part = .text(breach.payload.name ?? "payload \(breach.payload.rawValue)")
            switch breach.kind {
            case .missing: notes.warning("the message lacks ", name, ", which this exchange needs")
            case .tooMany(let count): notes.warning("the message has ", name, " ", .count(count, "time"))
            case .unexpected: notes.warning(name, " has no place in this exchange")
            case .inClear:
                notes.warning(name, " stands in the clear and should be encrypted: anybody may have put it there")
            }
        }
    }

    // MARK: Who they are

    private func identities() {
        for payload in chain.payloads {
            guard case .ikev2(.identification(let identity)) = payload.content else { continue }
            let isWanted = payload.type == .identificationResponder && !step.isResponse
            notes.note { sink in
                sink.write(sender, isWanted ? " wants to speak to " : " is ")
                sink.text(identity.type.name ?? "an identity of type \(identity.type.rawValue)")
                sink.literal(" ")
                Wording.identity(
                    PeerIdentity(
                        type: IdentificationType(rawValue: identity.type.rawValue), identity: identity.identity),
                    to: sink)
            }
        }
    }

    private func certificateRequests() {
        for payload in chain.payloads {
            guard case .ikev2(.certificateRequest(let request)) = payload.content else { continue }
            notes.note(
                sender, " asks for a certificate",
                request.authorities.isEmpty
                    ? ""
                    : request.authorities.count == 1
                        ? " of an authority that it names"
                        : .text(" of one of \(request.authorities.count) authorities that it names"))
        }
    }

    private func authentication() {
        guard let outcome = reading.authentication else { return }
        var parts: [Part] = ["AUTH of ", sender, " (", .text(method(outcome)), ")"]
        switch outcome.proof {
        case .verified: parts += [" is verified"] + means(outcome)
        case .failed: parts.append(" is wrong")
        case .notChecked: parts.append(" is not verified")
        }
        if let ppk = outcome.ppk { parts += [" and the PPK ", .foreign(ppk.description)] }
        if let problem = outcome.problem { parts += [": ", .foreign(problem)] }
        if case .verified = outcome.proof { notes.note(parts) } else { notes.warning(parts) }
    }

    private func method(_ outcome: AuthenticationOutcome) -> String {
        for payload in chain.payloads {
            guard case .ikev2(.authentication(let content)) = payload.content else { continue }
            let name = content.method.name ?? "method \(content.method.rawValue)"
            return content.algorithm.map { "\(name), \($0)" } ?? name
        }
        return "method \(outcome.method.ikev2 ?? 0)"
    }

    private func means(_ outcome: AuthenticationOutcome) -> [Part] {
        switch outcome.means {
        case .key(let name): return [" with ", .foreign(name.description)]
        case .eapKey(let name): return [" with the key that EAP agreed on, ", .foreign(name.description)]
        case .certificate(let fingerprint):
            let signer = message.certificates?.certificates.first { $0.certificate.fingerprint == fingerprint }
            guard let signer else { return [" with the key of a certificate that came earlier"] }
            return [" with the key of the certificate of \"", .foreign(signer.certificate.subject), "\""]
        case .rawKey: return [" with the raw public key that came along"]
        case .session:
            return [
                " with ", message.sender == .initiator ? "SK_pi" : "SK_pr", " alone, which shows nobody's identity",
            ]
        case nil: return []
        }
    }

    // MARK: Names

    func has(_ type: IKEv2.NotifyType) -> Bool {
        chain.payloads.contains {
            if case .ikev2(.notify(let notify)) = $0.content { notify.type == type } else { false }
        }
    }

    static func name(_ protocolID: SecurityProtocol) -> String {
        protocolID.name ?? "protocol \(protocolID.rawValue)"
    }

    static func name(_ group: DHGroup) -> String {
        "group \(group.rawValue)" + (group.name.map { " (\($0))" } ?? "")
    }
}
