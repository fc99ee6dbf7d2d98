import ScopeDissect
import ScopeModel
import ScopeWire

/// One side speaks IKEv1, the other IKEv2 alone.
struct VersionMismatch: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // Behind an answer it is about something else.
        guard attempt.firstAnswer == nil,
            let refusal = attempt.messages.first(where: { $0.has(.wrongVersion) && $0.sender == .responder })
        else { return monologues(attempt, pair) }
        // The request may be of a version that nobody knows.
        let name = attempt.isFromStart ? "\(attempt.sa.version.name)" : "this version of IKE"
        return [
            Finding(
                .versionMismatch, refusal.isEncrypted ? .proved : .likely, peers: attempt.peers,
                frames: Array(Set([attempt.firstFrame] + refusal.frames.prefix(1))).sorted(),
                summary:
                    "\(attempt.responder) does not speak \(name) with \(attempt.initiator) (INVALID-MAJOR-VERSION)",
                evidence: [
                    "the answer to its message is notification 5",
                    "the notification is not protected: anybody could have sent it",
                ],
                advice: [
                    Finding.Advice(
                        "use one version on both sides",
                        ios: ["crypto isakmp policy 10", "! or: crypto ikev2 profile NAME"])
                ])
        ]
    }

    /// Each side begins again and again in a version of its own, and neither answers the other.
    private func monologues(_ attempt: Attempt, _ pair: PairCase) -> [Finding] {
        guard Self.isMonologue(attempt) else { return [] }
        let other = pair.attempts.first {
            $0.sa.isOutdated != attempt.sa.isOutdated && $0.initiator == attempt.responder && Self.isMonologue($0)
        }
        guard let other, let mine = attempt.messages.first, let theirs = other.messages.first,
            !pair.attempts.contains(where: { !$0.sent(by: .responder).isEmpty })
        else { return [] }
        let isFirst = mine.firstFrame < theirs.firstFrame
        let (one, two) = isFirst ? (attempt, other) : (other, attempt)
        return [
            Finding(
                .versionMismatch, .likely, peers: one.peers, ikeSA: one.sa.id,
                // Told once, of both.
                frames: isFirst ? (mine.frames.prefix(8) + theirs.frames.prefix(8)).sorted() : [],
                summary:
                    "\(one.initiator) speaks \(one.sa.version.name) and \(two.initiator) \(two.sa.version.name): neither answers the other",
                evidence: [
                    "\(one.initiator) sent its first message \(one.messages.first?.transmissions ?? 1) times, \(two.initiator) \(two.messages.first?.transmissions ?? 1) times",
                    "both sides live, and no message of either is answered",
                ],
                advice: [
                    Finding.Advice(
                        "use one version on both sides",
                        ios: ["crypto map MAP 10 ipsec-isakmp", " set ikev2-profile NAME"])
                ], lookAlikes: ["a filter on the way that drops the answers of both sides"])
        ]
    }

    /// Its first message alone, of which nothing came.
    private static func isMonologue(_ attempt: Attempt) -> Bool {
        attempt.isFromStart && attempt.sent(by: .responder).isEmpty && attempt.sa.responderSPI == 0
    }
}
