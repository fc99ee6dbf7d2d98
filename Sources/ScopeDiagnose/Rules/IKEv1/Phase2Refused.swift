import ScopeDissect
import ScopeModel
import ScopeWire

/// Phase 1 is up, and a Quick Mode is refused or stays without an answer.
struct Phase2Refused: IKEv1Rule {
    /// A Quick Mode that was answered by no second message.
    private struct Refusal {
        let attempt: Attempt
        let pair: PairCase
        let mode: Attempt.Mode
        let first: Attempt.Message
        /// What the other side said instead, if anything.
        let answer: Attempt.Message?

        var asker: IPAddress { attempt.address(first.sender) }
        var refuser: IPAddress { attempt.address(first.sender.other) }
        var frames: [Int] { [first.firstFrame] + [answer?.firstFrame].compactMap { $0 } }
    }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        return attempt.quickModes.compactMap { mode in
            guard mode.position < 2, let first = attempt.messages.first(where: { $0.messageID == mode.messageID })
            else {
                return nil
            }
            // The message id of a notification does not tell which Quick Mode it is about: the last one before it.
            let later = attempt.quickModes.filter { $0.messageID != mode.messageID }
                .compactMap { other in attempt.messages.first { $0.messageID == other.messageID } }
                .filter { $0.time > first.time }.map(\.time).min()
            let answers = attempt.messages.filter { message in
                message.sender == first.sender.other && message.step.isInformational && message.time >= first.time
                    && message.isEncrypted && message.liveness == nil
                    && later.map { limit in message.time < limit } ?? true
            }
            return finding(
                Refusal(
                    attempt: attempt, pair: pair, mode: mode, first: first,
                    answer: answers.first { !$0.isOpened || $0.notifications.contains { $0.type.isError } }))
        }
    }

    private func finding(_ refusal: Refusal) -> Finding? {
        let (attempt, first, refuser) = (refusal.attempt, refusal.first, refusal.refuser)
        guard let answer = refusal.answer else {
            let silence = refusal.pair.captureEnd.since(first.lastTime)
            guard first.repeats > 0 || silence >= Stall.patience else { return nil }
            return Finding(
                .p2Failed, Stall.certainty(of: first, at: refusal.pair.captureEnd), peers: attempt.peers,
                frames: first.frames,
                summary:
                    "Quick Mode of \(refusal.asker) gets no answer from \(refuser)"
                    + (attempt.isUp ? ", though another one came up" : ": phase 1 is up, phase 2 is not reached"),
                evidence: [
                    first.repeats > 0
                        ? "its first message was sent \(first.transmissions) times in \(Words.seconds(from: first.time, to: first.lastTime))"
                        : "its first message was sent once, \(Words.seconds(Double(silence) / 1e9)) before the capture ends",
                    "state of both: QM_IDLE",
                ],
                advice: [
                    Finding.Advice("look at the peer's debug", on: refuser, ios: ["debug crypto ipsec"])
                ],
                lookAlikes: ["packets lost on the way", "a peer that dropped the IKE SA"])
        }
        guard answer.isOpened, refusal.mode.offers != nil else {
            return Finding(
                .p2Failed, .proved, peers: attempt.peers, frames: refusal.frames,
                summary:
                    "phase 1 is up, phase 2 failed: \(refuser) refuses the transform set, the access list or PFS; the keys of phase 1 would show which",
                evidence: [
                    "Quick Mode message 1 (\(first.length) bytes) is answered by an encrypted Informational of \(answer.length) bytes"
                ],
                advice: [
                    Finding.Advice("give IKEScope the keys: the notification and the proposal are encrypted"),
                    Finding.Advice(
                        "compare transform sets, access lists and PFS of both sides", on: refuser,
                        ios: ["show crypto map", "show crypto ipsec transform-set"]),
                ],
                lookAlikes: [
                    "transform sets that differ", "access lists that are not mirror images", "PFS on one side",
                ])
        }
        return answer.has(.refusedIdentity) ? proxies(refusal) : transforms(refusal, answer)
    }

    private func proxies(_ refusal: Refusal) -> Finding {
        let (attempt, mode, first) = (refusal.attempt, refusal.mode, refusal.first)
        let (own, other) = (refusal.asker, refusal.refuser)
        let (mine, theirs) = (Words.identity(mode.initiatorProxy), Words.identity(mode.responderProxy))
        // The other side's own Quick Mode shows what it expects.
        let counterpart = attempt.quickModes.first { $0.initiatedBy == first.sender.other && $0.initiatorProxy != nil }
        var evidence = [
            "\(own) asks for traffic between \(mine) (its side) and \(theirs)",
            "\(other) answers INVALID-ID-INFORMATION",
        ]
        if let counterpart {
            evidence.append(
                "\(other) itself asks for \(Words.identity(counterpart.initiatorProxy)) and \(Words.identity(counterpart.responderProxy))"
            )
        }
        let given = Self.given(refusal)
        if let given {
            evidence.append(
                "\(mine) is the address that \(other) itself gave to \(own) in Mode Config, in frame \(given.firstFrame)"
            )
        }
        var finding = Finding(
            .proxyIDMismatch, counterpart == nil ? .likely : .proved, peers: attempt.peers,
            frames: refusal.frames + [given?.firstFrame].compactMap { $0 },
            summary: given == nil
                ? "\(other) has no access list for traffic between \(mine) and \(theirs), which \(own) asks for"
                : "\(other) refuses \(mine), the address that it gave to \(own) itself (Mode Config): its pool and its policy do not fit",
            evidence: evidence,
            advice: given == nil
                ? [
                    Finding.Advice(
                        "make the crypto access lists mirror images of each other", on: other,
                        ios: ["ip access-list extended CRYPTO"] + (Self.mirror(mode).map { [" " + $0] } ?? []))
                ]
                : [
                    Finding.Advice(
                        "make the pool that it gives addresses of part of what it accepts: the dynamic map or the profile of these clients, not an entry for one address",
                        on: other, ios: ["show ip local pool", "crypto dynamic-map DYN 10", " reverse-route"])
                ],
            lookAlikes: counterpart == nil ? ["no crypto map for this peer on that interface"] : [])
        finding.proposals = ProposalTable.proxies(attempt, mode, refusal.pair, frame: first.firstFrame)
        return finding
    }

    /// The message in which the refusing side gave the asker the address that it asks for.
    private static func given(_ refusal: Refusal) -> Attempt.Message? {
        guard case .address(let asked)? = refusal.mode.initiatorProxy?.identity else { return nil }
        return refusal.attempt.messages.last { message in
            message.sender == refusal.first.sender.other && message.firstFrame < refusal.first.firstFrame
                && message.configuration?.attributes.contains {
                    ($0.type == ModeConfigAttribute.ip4Address.rawValue || $0.type == 8) && $0.value.count >= 4
                        && ($0.value == asked.bytes || asked.isV6 && Array($0.value.prefix(16)) == asked.bytes)
                } ?? false
        }
    }

    /// The entry that the refusing side would need.
    private static func mirror(_ mode: Attempt.Mode) -> String? {
        guard let mine = entry(mode.responderProxy), let theirs = entry(mode.initiatorProxy) else { return nil }
        return "permit ip \(mine) \(theirs)"
    }

    private static func entry(_ identification: IdentificationPayload?) -> String? {
        switch identification?.identity {
        case .address(let address) where !address.isV6: "host \(address)"
        case .subnet(let net, let mask) where !net.isV6:
            "\(net) " + mask.bytes.map { "\(255 - $0)" }.joined(separator: ".")
        default: nil
        }
    }

    private func transforms(_ refusal: Refusal, _ answer: Attempt.Message) -> Finding {
        let (attempt, mode, first) = (refusal.attempt, refusal.mode, refusal.first)
        let (own, other) = (refusal.asker, refusal.refuser)
        let table = ProposalTable.phase2(attempt, mode, refusal.pair, frame: first.firstFrame)
        let name = answer.notifications.first { $0.type.isError }.map { "\($0.type)" } ?? "a notification"
        let isPFSPlain = !first.hasKE
        var finding = Finding(
            .p2TransformMismatch, .likely, peers: attempt.peers, frames: refusal.frames,
            summary: "\(other) accepts no transform set of \(own)"
                + (isPFSPlain ? ", or wants PFS, which \(own) does not offer" : ", or wants another PFS group"),
            evidence: [
                "\(other) answers \(name)", first.hasKE ? "\(own) asks for PFS" : "\(own) asks for no PFS",
                table.nearest?.columns.isEmpty ?? false
                    ? "\(other) accepted or offered the same before: its configuration has changed since, or differs by peer and network"
                    : "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "make transform set, mode and PFS the same on both sides", on: other,
                    ios: Self.configuration(mode))
            ],
            lookAlikes: isPFSPlain
                ? ["PFS that only one side demands (\(FindingID.pfsMismatch.text))"]
                : ["another PFS group (\(FindingID.pfsMismatch.text))"])
        finding.proposals = table
        return finding
    }

    /// What would match the first offer.
    private static func configuration(_ mode: Attempt.Mode) -> [String] {
        guard let suite = mode.offers?.first?.child else { return [] }
        let hash = suite.integrity.flatMap { IOSWords.integrity($0) }
        guard suite.protocolID == .esp, let cipher = IOSWords.sizedTransform(suite) else {
            return ["show crypto ipsec transform-set"]
        }
        var lines = ["crypto ipsec transform-set SET \(cipher)" + (hash.map { " \($0)" } ?? "")]
        if let mode = suite.encapsulation, mode.isTunnel || mode.isTransport {
            lines.append(mode.isTunnel ? " mode tunnel" : " mode transport")
        }
        lines.append(suite.group.map { " set pfs group\($0.rawValue)" } ?? "! and in the crypto map: no set pfs")
        return lines
    }
}
