import ScopeDissect
import ScopeModel
import ScopeWire

/// Questions of Dead Peer Detection without an answer: what follows are Deletes of who asked, a restart, or nothing.
struct DPDTimeout: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.sa.isEstablished || attempt.isUp else { return [] }
        return [Role.initiator, .responder].compactMap { role in
            let tail = attempt.unansweredQuestions(of: role)
            // One whose ESP comes is not dead (dpd-loss-but-esp); nor is one that says something later.
            guard tail.count >= 3, let first = tail.first, let last = tail.last,
                !attempt.isAnything(by: role.other, after: last), !DPDLossButESP.isAlive(attempt, role, pair)
            else { return nil }
            let deletes = attempt.messages.filter {
                $0.sender == role && $0.firstFrame > last.firstFrame && $0.step.isInformational
            }
            let restart = pair.attempts.first {
                $0.firstFrame > last.firstFrame && $0.initiator == attempt.address(role)
            }
            let heard = pair.accounts.contains {
                $0.source == attempt.address(role.other) && $0.packets > 0 && $0.lastTime > first.time
            }
            let isOver =
                !deletes.isEmpty || restart != nil || pair.captureEnd.since(last.time) >= Stall.patience
                || !heard && pair.captureEnd.since(first.time) >= 3 * Stall.patience
            let isKnown = tail.allSatisfy { $0.liveness != nil }
            let peer = attempt.address(role.other)
            return Finding(
                .dpdTimeout, isOver ? .likely : .possible, peers: attempt.peers,
                frames: Attempt.frames(tail + deletes.prefix(4)) + [restart?.firstFrame].compactMap { $0 },
                summary:
                    "\(peer) does not answer any more: \(attempt.address(role)) asked \(tail.count) times whether it is alive",
                evidence: [
                    isKnown
                        ? "\(tail.count) R-U-THERE in \(Words.seconds(from: first.time, to: last.time)), no R-U-THERE-ACK"
                        : "\(tail.count) Informational messages of \(first.length) bytes in \(Words.seconds(from: first.time, to: last.time)), without an answer",
                    "nothing of this IKE SA came from \(peer) after frame \(lastFrame(attempt, role.other))",
                    deletes.first.map {
                        "\(attempt.address(role)) gives up in frame \($0.firstFrame)\($0.deletes.isEmpty ? "" : ": it deletes the SAs")"
                    } ?? "",
                    restart.map { "\(attempt.address(role)) begins anew in frame \($0.firstFrame)" } ?? "",
                ].filter { !$0.isEmpty },
                advice: [
                    Finding.Advice("see whether the device is up and reachable", on: peer),
                    Finding.Advice("check that nothing on the way drops UDP 500 and 4500"),
                ], lookAlikes: ["a path that is down", "packets lost behind this tap"])
        }
    }

    private func lastFrame(_ attempt: Attempt, _ role: Role) -> Int { attempt.sent(by: role).last?.frames.last ?? 0 }
}
