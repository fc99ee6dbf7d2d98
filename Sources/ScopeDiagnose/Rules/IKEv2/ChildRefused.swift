import ScopeDissect
import ScopeModel
import ScopeWire

/// The IKE SA stands, and a child of it is refused: in IKE_AUTH, or in CREATE_CHILD_SA.
struct ChildRefused: IKEv2Rule {
    /// A request for a child, and the notification that refused it.
    struct Refusal {
        let attempt: Attempt
        let pair: PairCase
        let request: Attempt.Message
        let answer: Attempt.Message
        let mode: Attempt.Mode

        var asker: IPAddress { attempt.address(request.sender) }
        var refuser: IPAddress { attempt.address(request.sender.other) }
        var frames: [Int] { [request.firstFrame, answer.firstFrame] }
        /// Another child of the same IKE SA works: the tunnel is not down.
        var hasOther: Bool { attempt.isUp }
        var isInAuthentication: Bool { request.isAuthentication }
    }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let read = attempt.quickModes.compactMap { mode -> Finding? in
            guard !mode.isAnswered, let refusal = refusal(of: mode, attempt, pair) else { return nil }
            return finding(refusal)
        }
        return read + (unreadFirst(attempt).map { [$0] } ?? []) + (unreadLater(attempt).map { [$0] } ?? [])
    }

    private func refusal(of mode: Attempt.Mode, _ attempt: Attempt, _ pair: PairCase) -> Refusal? {
        guard let request = attempt.messages.first(where: { $0.exchange == mode.exchange && !$0.step.isAnswer }) else {
            return nil
        }
        // With EAP, the child is answered in a later round.
        let answer =
            request.isAuthentication
            ? attempt.authentications.last { $0.step.isAnswer && $0.refusal != nil && $0.method != nil }
            : attempt.answer(to: request)
        guard let answer, answer.refusal != nil else { return nil }
        return Refusal(attempt: attempt, pair: pair, request: request, answer: answer, mode: mode)
    }

    private func finding(_ refusal: Refusal) -> Finding? {
        let meanings = Set(refusal.answer.notifications.compactMap(\.meaning))
        if meanings.contains(.noAddress) || meanings.contains(.addressRequired) { return address(refusal, meanings) }
        if meanings.contains(.refusedTraffic) { return selectors(refusal) }
        if meanings.contains(.singlePair) { return singlePair(refusal) }
        if meanings.contains(.noMoreChildren) { return noMore(refusal) }
        if meanings.contains(.wrongGroup) { return group(refusal) }
        if meanings.contains(.refusedProposal) { return proposal(refusal) }
        return nil
    }

    // MARK: With keys

    private func selectors(_ refusal: Refusal) -> Finding {
        let traffic = refusal.mode.asked
        let (mine, theirs) = (SelectorText.text(traffic?.initiator ?? []), SelectorText.text(traffic?.responder ?? []))
        var finding = Finding(
            .tsUnacceptable, .proved, peers: refusal.attempt.peers, frames: refusal.frames,
            summary:
                "\(refusal.refuser) accepts no traffic between \(mine) and \(theirs), which \(refusal.asker) asks for",
            evidence: ["\(refusal.request.name) is answered by TS_UNACCEPTABLE"],
            advice: [
                Finding.Advice(
                    "make the traffic selectors mirror images of each other (strongSwan: local_ts, remote_ts); a tunnel interface has any on both sides",
                    on: refusal.refuser,
                    ios: ["ip access-list extended CRYPTO"] + (Self.mirror(traffic).map { [" " + $0] } ?? []))
            ])
        finding.proposals = ProposalTable.selectors(
            refusal.attempt, refusal.mode, refusal.pair, frame: refusal.request.firstFrame)
        return finding
    }

    /// The entry that the refusing side would need.
    static func mirror(_ traffic: ChildTraffic?) -> String? {
        guard let mine = traffic?.responder.first.flatMap(entry), let theirs = traffic?.initiator.first.flatMap(entry)
        else { return nil }
        return "permit ip \(mine) \(theirs)"
    }

    private static func entry(_ selector: TrafficSelector) -> String? {
        guard let (low, high) = selector.range, !low.isV6, let length = SelectorText.prefix(low, high) else {
            return nil
        }
        if length == 32 { return "host \(low)" }
        if length == 0 { return "any" }
        return "\(low) \(IPAddress(v4: UInt32.max >> UInt32(length)))"
    }

    private func proposal(_ refusal: Refusal) -> Finding {
        let (attempt, mode) = (refusal.attempt, refusal.mode)
        let table = ProposalTable.child(attempt, mode, refusal.pair, frame: refusal.request.firstFrame)
        // The same had been agreed on without a group, or with another one: what differs is PFS.
        if !refusal.isInAuthentication, let made = earlier(refusal), Self.differsInGroupAlone(made, mode) {
            return pfs(refusal)
        }
        var finding = Finding(
            .v2ChildNoProposal, .proved, peers: attempt.peers, frames: refusal.frames,
            summary: "\(refusal.refuser) accepts no ESP or AH proposal of \(refusal.asker)"
                + (refusal.hasOther ? " for one more child SA" : ": the IKE SA is up, its child is not"),
            evidence: ["\(refusal.request.name) is answered by NO_PROPOSAL_CHOSEN"],
            advice: [
                Finding.Advice(
                    "make transform set and PFS the same on both sides (strongSwan: esp_proposals); AES-GCM goes with no integrity algorithm",
                    on: refusal.refuser, ios: IKEv2Lines.transformSet(mode.proposals?.first))
            ])
        finding.proposals = table
        return finding
    }

    /// The last child for the same traffic that came about before.
    private func earlier(_ refusal: Refusal) -> Attempt.Mode? {
        refusal.attempt.quickModes.last { mode in
            guard mode.isAnswered, let chosen = mode.chosen, !chosen.isEmpty else { return false }
            guard let traffic = refusal.mode.traffic, let known = mode.traffic else { return true }
            return refusal.mode.rekeys != nil || known == traffic || known == traffic.mirrored
        }
    }

    private static func differsInGroupAlone(_ made: Attempt.Mode, _ asked: Attempt.Mode) -> Bool {
        guard let agreed = made.chosen?.first, let offers = asked.proposals else { return false }
        return offers.contains { offer in
            offer.protocolID == agreed.protocolID
                && agreed.algorithms.ciphers.allSatisfy { offer.algorithms.ciphers.contains($0) }
                && agreed.algorithms.integrities.allSatisfy { offer.algorithms.integrities.contains($0) }
        }
    }

    private func pfs(_ refusal: Refusal) -> Finding {
        let groups = Set((refusal.mode.proposals ?? []).flatMap(\.algorithms.groups).compactMap { $0 })
        let names = groups.map(\.rawValue).sorted().map { "group \($0)" }.joined(separator: ", ")
        return Finding(
            .pfsMismatch, .likely, peers: refusal.attempt.peers, frames: refusal.frames,
            summary: groups.isEmpty
                ? "\(refusal.refuser) wants PFS when a child SA is rekeyed, which \(refusal.asker) does not offer"
                : "\(refusal.refuser) does not take PFS with \(names), which \(refusal.asker) offers when a child SA is rekeyed",
            evidence: [
                "\(refusal.request.name) is answered by NO_PROPOSAL_CHOSEN",
                "IKE_AUTH agreed on the same transforms: there no group is negotiated, so PFS shows only at the first rekeying",
            ],
            advice: [
                Finding.Advice(
                    "configure the same PFS group on both sides, or none (strongSwan: esp_proposals with a group)",
                    on: refusal.refuser,
                    ios: groups.first.map { ["crypto ipsec profile NAME", " set pfs group\($0.rawValue)"] }
                        ?? ["crypto ipsec profile NAME", " no set pfs"])
            ], lookAlikes: ["transforms that were changed since (\(FindingID.v2ChildNoProposal.text))"])
    }

    /// INVALID_KE_PAYLOAD for a child: normal when the asker comes back with the group that is wanted.
    private func group(_ refusal: Refusal) -> Finding {
        var wanted = "another group"
        for notification in refusal.answer.notifications {
            if case .group(let group) = notification.content { wanted = "group \(group.rawValue)" }
        }
        let isGood = refusal.attempt.messages.contains {
            $0.step.answersForChild && $0.time > refusal.answer.time && $0.exchange.begunBy == refusal.request.sender
                && $0.refusal == nil && $0.hasSA
        }
        let offered = refusal.request.group.map { " instead of group \($0.rawValue)" } ?? ""
        // A device comes back with it at once, if it does at all.
        let mayGoOn = refusal.attempt.isCut && refusal.attempt.messages.last?.firstFrame == refusal.answer.firstFrame
        return Finding(
            isGood ? .v2InvalidKE : .pfsMismatch, mayGoOn ? .possible : .proved, severity: isGood ? .note : .error,
            peers: refusal.attempt.peers, frames: refusal.frames,
            summary: isGood
                ? "\(refusal.refuser) wants \(wanted)\(offered): \(refusal.asker) asked once more with it"
                : "\(refusal.refuser) wants PFS with \(wanted)\(offered), and \(refusal.asker) does not offer it",
            evidence: ["\(refusal.request.name) is answered by INVALID_KE_PAYLOAD"],
            advice: [
                Finding.Advice(
                    isGood ? "not a fault; put this group first" : "configure the same PFS group on both sides",
                    on: refusal.asker, ios: ["crypto ipsec profile NAME", " set pfs GROUP"])
            ])
    }

    private func address(_ refusal: Refusal, _ meanings: Set<NotifyMeaning>) -> Finding {
        let hasFailed = meanings.contains(.noAddress)
        return Finding(
            .modecfgNoAddress, .proved, peers: refusal.attempt.peers, frames: refusal.frames,
            summary: hasFailed
                ? "\(refusal.refuser) gives \(refusal.asker) no address"
                : "\(refusal.refuser) wants \(refusal.asker) to ask for an address, which it does not",
            evidence: [
                "\(refusal.request.name) is answered by "
                    + (hasFailed ? "INTERNAL_ADDRESS_FAILURE" : "FAILED_CP_REQUIRED")
            ],
            advice: [
                hasFailed
                    ? Finding.Advice(
                        "give the group a pool with free addresses", on: refusal.refuser,
                        ios: ["ip local pool POOL FIRST LAST", "crypto ikev2 authorization policy NAME", " pool POOL"])
                    : Finding.Advice(
                        "have the client ask for an address (strongSwan: vips = 0.0.0.0)", on: refusal.asker,
                        ios: ["crypto ikev2 client flexvpn NAME"])
            ])
    }

    private func singlePair(_ refusal: Refusal) -> Finding {
        Finding(
            .v2SinglePair, .proved, severity: refusal.hasOther ? .warning : .error, peers: refusal.attempt.peers,
            frames: refusal.frames,
            summary:
                "\(refusal.refuser) takes one pair of addresses for each child SA, and \(refusal.asker) asks for more",
            evidence: ["\(refusal.request.name) is answered by SINGLE_PAIR_REQUIRED"],
            advice: [
                Finding.Advice(
                    "ask for one pair of addresses for each child SA", on: refusal.asker,
                    ios: ["crypto map MAP 10 ipsec-isakmp", " set security-association level per-host"])
            ])
    }

    private func noMore(_ refusal: Refusal) -> Finding {
        Finding(
            .v2NoAdditionalSAs, .proved, severity: refusal.hasOther ? .warning : .error, peers: refusal.attempt.peers,
            frames: refusal.frames, summary: "\(refusal.refuser) takes no further child SA of \(refusal.asker)",
            evidence: ["\(refusal.request.name) is answered by NO_ADDITIONAL_SAS"],
            advice: [
                Finding.Advice(
                    "put all traffic into one child SA, or raise the limit; many cloud gateways take one alone",
                    on: refusal.refuser, ios: ["crypto ikev2 limit max-sa NUMBER"])
            ])
    }

    // MARK: Without keys

    /// IKE_AUTH is answered with room for AUTH, but not for a child.
    private func unreadFirst(_ attempt: Attempt) -> Finding? {
        guard !attempt.isUp, !attempt.usesEAP, attempt.isAuthenticated, let answer = attempt.lastAuthentication,
            !answer.isOpened, let request = attempt.request(of: answer),
            attempt.size(request).mayHold(SealedSize.authentication(attempt.sa.suite) + SealedSize.child)
        else { return nil }
        return Finding(
            .v2ChildNoProposal, .possible, peers: attempt.peers, frames: [request.firstFrame, answer.firstFrame],
            summary:
                "\(attempt.responder) takes the IKE SA of \(attempt.initiator), but seems to refuse its child: proposal, selectors or address",
            evidence: [
                "the IKE_AUTH response has \(answer.length) bytes: room for IDr, AUTH and a notification, but not for SA, TSi and TSr (\(request.length) bytes were asked with)"
            ],
            advice: [
                Finding.Advice("give IKEScope the keys: the notification and the proposals are encrypted"),
                Finding.Advice(
                    "compare transform sets and access lists, or traffic selectors, of both sides",
                    on: attempt.responder, ios: ["show crypto ipsec transform-set", "show crypto map"]),
            ],
            lookAlikes: [
                "selectors that are refused (\(FindingID.tsUnacceptable.text))",
                "no address for the client (\(FindingID.modecfgNoAddress.text))", "a peer that wants no child yet",
            ])
    }

    /// CREATE_CHILD_SA is answered with room for a notification alone, and not asked again with success.
    private func unreadLater(_ attempt: Attempt) -> Finding? {
        let refused = attempt.messages.filter {
            $0.step.answersForChild && !$0.isOpened && $0.isEncrypted && attempt.size($0).isShort
        }
        guard let last = refused.last else { return nil }
        let isGood = attempt.messages.contains {
            $0.step.answersForChild && $0.time > last.time && !$0.isOpened && !attempt.size($0).isShort
        }
        guard !isGood else { return nil }
        let (refuser, asker) = (attempt.address(last.sender), attempt.address(last.sender.other))
        return Finding(
            .v2ChildNoProposal, .possible, severity: .warning, peers: attempt.peers, frames: Attempt.frames(refused),
            summary: "\(refuser) refuses CREATE_CHILD_SA of \(asker): a further child SA, or the renewal of one",
            evidence: [
                "\(Words.count(refused.count, "answer")) of \(last.length) bytes: room for one notification, and for no SA"
            ],
            advice: [
                Finding.Advice("give IKEScope the keys: the notification is encrypted"),
                Finding.Advice(
                    "compare PFS, transform sets and selectors of both sides: PFS shows only at the first rekeying",
                    on: refuser, ios: ["show crypto ipsec profile", "show crypto map"]),
            ],
            lookAlikes: [
                "PFS of one side alone (\(FindingID.pfsMismatch.text))",
                "a limit of child SAs (\(FindingID.v2NoAdditionalSAs.text))",
                "both sides rekey at once (\(FindingID.rekeyCollision.text))",
            ])
    }
}
