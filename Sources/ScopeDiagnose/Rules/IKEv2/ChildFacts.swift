import ScopeDissect
import ScopeModel
import ScopeWire

/// The answer grants less traffic than was asked for (RFC 7296 section 2.9), or other identities (RFC 2409 section 5.5).
struct SelectorsNarrowed: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let mode = attempt.quickModes.last(where: { $0.isNarrowed && !isByAddress($0, attempt) }),
            let asked = mode.asked, let granted = mode.granted
        else { return [] }
        let frames = attempt.messages.filter { $0.exchange == mode.exchange }.map(\.firstFrame)
        let (own, other) = (attempt.address(mode.initiatedBy), attempt.address(mode.initiatedBy.other))
        var finding = Finding(
            .proxyIDNarrowed, .proved, peers: attempt.peers, frames: frames,
            summary:
                "\(other) grants only part of the traffic that \(own) asks for: \(SelectorText.text(granted.initiator)) and \(SelectorText.text(granted.responder))",
            evidence: [
                "asked: between \(SelectorText.text(asked.initiator)) and \(SelectorText.text(asked.responder))",
                "granted: between \(SelectorText.text(granted.initiator)) and \(SelectorText.text(granted.responder))",
                "packets outside what was granted need a child SA of their own, or are dropped",
            ]
                + (attempt.sa.version == .v1
                    ? [
                        "Quick Mode has the answer repeat what was asked for: IOS drops others as invalid proxy identities"
                    ]
                    : []),
            advice: [
                Finding.Advice(
                    "if that traffic is missing: make the selectors mirror images of each other", on: other,
                    ios: ["ip access-list extended CRYPTO"] + (ChildRefused.mirror(asked).map { [" " + $0] } ?? []))
            ])
        finding.proposals = ProposalTable.selectors(attempt, mode, pair, frame: frames.first ?? attempt.firstFrame)
        return [finding]
    }

    /// A client that asks for an address asks for all traffic as well: it is granted what the address has.
    private func isByAddress(_ mode: Attempt.Mode, _ attempt: Attempt) -> Bool {
        guard attempt.authentications.contains(where: { $0.configuration?.type == 2 }), let asked = mode.asked,
            let granted = mode.granted
        else { return false }
        return ChildTraffic(initiator: asked.initiator, responder: granted.responder).contains(asked)
    }
}

/// IKE_AUTH makes no child on purpose (RFC 6023): a fact.
struct Childless: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let answer = attempt.childlessAnswer else { return [] }
        let later = attempt.pairs.first
        return [
            Finding(
                .childless, .proved, peers: attempt.peers, frames: [answer.firstFrame],
                summary: "IKE_AUTH between \(attempt.initiator) and \(attempt.responder) makes no child SA, on purpose",
                evidence: [
                    "the request of IKE_AUTH asks for none",
                    later.map { "the first child SA follows in frame \($0.frame)" }
                        ?? "no child SA follows in this capture: there is no tunnel for traffic yet",
                ],
                advice: [
                    Finding.Advice("not a fault; traffic needs a child SA, which CREATE_CHILD_SA makes")
                ])
        ]
    }
}

extension Attempt {
    /// The answer of an IKE_AUTH that asked for no child.
    var childlessAnswer: Message? {
        guard sa.version == .v2, let answer = lastAuthentication, answer.isOpened, answer.method != nil,
            !authentications.contains(where: \.hasSA), answer.refusal == nil, answer.eap == nil
        else { return nil }
        return answer
    }

    /// What a side announces that it takes as proof (RFC 9593).
    func announcedMethods(of role: Role) -> [AuthenticationMethod] {
        for message in messages where message.sender == role && message.step.isOfSetUp {
            for notification in message.notifications {
                if case .authenticationMethods(let methods) = notification.content {
                    return methods.map { AuthenticationMethod(ikev2: UInt16($0.method.rawValue)) }
                }
            }
        }
        return []
    }
}
