import ScopeDissect
import ScopeModel
import ScopeWire

/// Questions of Dead Peer Detection without an answer, until nothing else comes.
struct DPDTimeout: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.sa.version == .v1, attempt.sa.isEstablished || attempt.isUp else { return [] }
        return [Role.initiator, .responder].compactMap { role in
            let tail = trailing(attempt, role)
            // One whose ESP comes is not dead (dpd-loss-but-esp).
            guard tail.count >= 3, let first = tail.first, let last = tail.last,
                !DPDLossButESP.isAlive(attempt, role, pair)
            else { return nil }
            let isKnown = tail.allSatisfy { $0.liveness != nil }
            let peer = attempt.address(role.other)
            return Finding(
                .dpdTimeout, .likely, peers: attempt.peers, frames: Attempt.frames(tail),
                summary:
                    "\(peer) does not answer any more: \(attempt.address(role)) asked \(tail.count) times whether it is alive",
                evidence: [
                    isKnown
                        ? "\(tail.count) R-U-THERE in \(Words.seconds(from: first.time, to: last.time)), no R-U-THERE-ACK"
                        : "\(tail.count) Informational messages of \(first.length) bytes in \(Words.seconds(from: first.time, to: last.time)), without an answer",
                    "nothing of this IKE SA came from \(peer) after frame \(lastFrame(attempt, role.other))",
                ],
                advice: [
                    Finding.Advice("see whether the device is up and reachable", on: peer),
                    Finding.Advice("check that nothing on the way drops UDP 500 and 4500"),
                ], lookAlikes: ["a path that is down", "packets lost behind this tap"])
        }
    }

    /// The unanswered questions at the end: of one side alone, each of one size.
    private func trailing(_ attempt: Attempt, _ role: Role) -> [Attempt.Message] {
        var tail: [Attempt.Message] = []
        for message in attempt.messages.reversed() {
            guard message.sender == role, message.step.isInformational, message.isEncrypted, message.deletes.isEmpty
            else { break }
            if message.isOpened {
                guard case .asks = message.liveness else { break }
            } else if !attempt.hasSizeOfQuestion(message) {
                break
            }
            if let first = tail.first, first.length != message.length { break }
            tail.insert(message, at: 0)
        }
        return tail
    }

    private func lastFrame(_ attempt: Attempt, _ role: Role) -> Int { attempt.sent(by: role).last?.frames.last ?? 0 }
}
