import ScopeDissect
import ScopeModel
import ScopeWire

/// An error in the clear: who refuses what, in the words of its number, and what that usually means there.
///
/// What other rules know more of (no proposal, no key, the mode, the version) is told by them.
struct ClearRefusal: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.messages.contains(where: { $0.refusal != nil && !$0.isEncrypted }) else { return [] }
        return ClearNotice.all(attempt).filter { !Self.isKnown($0, attempt) }
            .compactMap { Self.finding($0, attempt, pair) }
    }

    /// Other rules know more of it: no proposal, no key, the mode, the version.
    private static func isKnown(_ notice: ClearNotice, _ attempt: Attempt) -> Bool {
        guard notice.sender == .responder, attempt.firstAnswer == nil || attempt.sa.position == 3 else { return false }
        switch notice.type.rawValue {
        case 5: return attempt.firstAnswer == nil
        case 14: return attempt.isFromStart && attempt.sa.position <= 1
        case 17: return attempt.isFromStart && attempt.sa.position == 3
        case 7, 24, 29: return attempt.sa.mode == .aggressive && attempt.firstAnswer == nil
        default: return false
        }
    }

    static func finding(_ notice: ClearNotice, _ attempt: Attempt, _ pair: PairCase) -> Finding? {
        let id = kind(notice, attempt)
        let (own, other) = (attempt.address(notice.sender), attempt.address(notice.sender.other))
        let isOvercome = notice.isOvercome(in: attempt)
        let what = notice.answered.map { "\(attempt.fullName($0)) of \(other)" }
        var finding = Finding(
            id, .likely, severity: isOvercome ? .warning : .error,
            layer: notice.moment == .child ? .phase2 : nil, peers: attempt.peers, frames: notice.frames,
            summary: (what.map { "\(own) refuses \($0) with \(notice.type): " }
                ?? "\(own) tells \(other) \(notice.type): ")
                + NotificationWords.meaning(notice.type, at: notice.moment),
            evidence: evidence(notice, attempt, isOvercome: isOvercome),
            advice: advice(id, notice, attempt), lookAlikes: lookAlikes(id, notice, attempt))
        if notice.moment == .proposal { finding.proposals = ProposalTable.phase1(attempt, pair) }
        return finding
    }

    private static func kind(_ notice: ClearNotice, _ attempt: Attempt) -> FindingID {
        let isAggressive = attempt.sa.mode == .aggressive
        switch (notice.moment, notice.type.rawValue) {
        case (.proposal, let code) where NotificationWords.unsupported.contains(code): return .p1ProposalMismatch
        case (.proposal, let code) where NotificationWords.unreadable.contains(code): return .v1MalformedClear
        case (.choice, let code) where NotificationWords.unreadable.contains(code): return .v1MalformedClear
        case (.keys, let code) where NotificationWords.unreadable.contains(code): return .v1MalformedClear
        case (.proposal, 18) where isAggressive: return .idMismatch
        case (.keys, 17) where notice.sender == .responder, (.proposal, 17): return .noKeyForPeer
        case (.proof, 18), (.proof, 24): return .idMismatch
        case (.proof, 1), (.proof, 16), (.proof, 23), (.proof, 30):
            guard attempt.usesPSK else { return .errorNotification }
            return isAggressive ? .pskMismatchAggressive : .pskMismatchMain
        case (.proof, 22) where attempt.usesSignatures: return .certNotTrusted
        case (.proof, 25) where attempt.usesSignatures: return .sigInvalid
        case (.child, _) where notice.answered?.step.number == 1: return .p2Failed
        default: return .errorNotification
        }
    }

    private static func evidence(_ notice: ClearNotice, _ attempt: Attempt, isOvercome: Bool) -> [String] {
        guard let first = notice.messages.first else { return [] }
        let asked = notice.answered ?? notice.before
        let place = asked.map {
            ", \(Words.seconds(from: $0.time, to: first.time)) after \(attempt.fullName($0)) in frame \($0.firstFrame)"
        }
        return [
            "\(notice.type) in the clear in \(Words.frames(notice.messages.map(\.firstFrame))) (\(first.length) bytes)"
                + (place ?? ""),
            asked.map {
                $0.repeats > 0 || notice.count > 1
                    ? "\(attempt.fullName($0)) was sent \($0.transmissions) times, and refused \(notice.count) times"
                    : ""
            }
                ?? "",
            isOvercome ? "the negotiation goes on behind it" : "",
            "the notification is not protected: both sides can read it, and anybody could have sent it",
        ].filter { !$0.isEmpty }
    }

    private static func advice(_ id: FindingID, _ notice: ClearNotice, _ attempt: Attempt) -> [Finding.Advice] {
        let (own, other) = (attempt.address(notice.sender), attempt.address(notice.sender.other))
        let log = Finding.Advice("see what it says of this peer at that time", on: own, ios: [attempt.ios.debug])
        switch id {
        case .pskMismatchMain, .pskMismatchAggressive: return Finding.Advice.sameKey(for: attempt)
        case .idMismatch:
            return [
                Finding.Advice("accept this identity", on: own, ios: attempt.ios.match(other)),
                Finding.Advice(
                    "or send the identity that is expected", on: other, ios: attempt.ios.identity("address")),
            ]
        case .noKeyForPeer:
            return [Finding.Advice("add the key for this address", on: own, ios: attempt.ios.key(for: other))]
        case .p2Failed:
            return [
                Finding.Advice(
                    "compare transform sets, access lists and PFS of both sides", on: own,
                    ios: ["show crypto map", "show crypto ipsec transform-set"]), log,
            ]
        default:
            guard notice.moment == .proposal else { return [log] }
            return [
                Finding.Advice(
                    "compare the phase 1 policies, the mode and the entry for this peer", on: own,
                    ios: [attempt.ios.showPolicy] + attempt.ios.key(for: other)), log,
            ]
        }
    }

    private static func lookAlikes(_ id: FindingID, _ notice: ClearNotice, _ attempt: Attempt) -> [String] {
        let forged = "a notification that somebody else sent"
        switch (id, notice.moment) {
        case (.v1MalformedClear, .proposal):
            return [
                "no common proposal (\(FindingID.p1ProposalMismatch.text))", "a software fault of either side",
                "a device that alters packets", forged,
            ]
        case (.v1MalformedClear, _): return ["a software fault of either side", "a device that alters packets", forged]
        case (.p1ProposalMismatch, _): return ["a fault in how the offer is read", forged]
        case (_, .proposal):
            return [
                "no common proposal (\(FindingID.p1ProposalMismatch.text))",
                "no key for this peer (\(FindingID.noKeyForPeer.text))", forged,
            ]
        case (.idMismatch, _):
            return ["different pre-shared keys (\(FindingID.pskMismatchMain.text))", forged]
        case (.pskMismatchMain, _), (.pskMismatchAggressive, _):
            return ["an identity that is refused (\(FindingID.idMismatch.text))", forged]
        default: return [forged]
        }
    }
}
