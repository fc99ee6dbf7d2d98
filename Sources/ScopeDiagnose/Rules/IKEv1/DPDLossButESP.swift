import ScopeDissect
import ScopeModel
import ScopeWire

/// Questions of Dead Peer Detection go without an answer while ESP goes both ways.
struct DPDLossButESP: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        pair.attempts.flatMap { attempt in
            [Role.initiator, .responder].compactMap { finding(attempt, $0, pair) }
        }
    }

    private func finding(_ attempt: Attempt, _ role: Role, _ pair: PairCase) -> Finding? {
        guard attempt.sa.version == .v1, attempt.sa.isEstablished || attempt.isUp, Self.isAlive(attempt, role, pair),
            DPDPayloadOrder().findings(attempt, in: pair).isEmpty
        else { return nil }
        let tail = attempt.unansweredQuestions(of: role)
        guard let first = tail.first, let last = tail.last else { return nil }
        let (asker, peer) = (attempt.address(role), attempt.address(role.other))
        let isKnown = tail.allSatisfy { $0.liveness != nil }
        let ends = attempt.deletions.contains { $0.role == role && $0.time > last.time }
        return Finding(
            .dpdLossButESP, .likely, peers: pair.peers, ikeSA: attempt.sa.id, frames: Attempt.frames(tail),
            summary: "\(peer) does not answer DPD of \(asker), while ESP flows in both directions",
            evidence: [
                isKnown
                    ? "\(tail.count) R-U-THERE in \(Words.seconds(from: first.time, to: last.time)), no R-U-THERE-ACK"
                    : "\(tail.count) Informational messages of \(first.length) bytes in \(Words.seconds(from: first.time, to: last.time)), without an answer",
                "ESP of both sides continues during this time",
                ends ? "\(asker) then deletes the SAs" : "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "look for a filter or a policer of UDP 500 and 4500 in front of it (control plane policing)",
                    on: peer, ios: ["show policy-map control-plane", "permit udp any any eq isakmp"]),
                Finding.Advice(
                    "send DPD only when no traffic arrives", on: asker, ios: ["crypto isakmp keepalive 10 3 on-demand"]),
            ],
            lookAlikes: [
                "answers that do not pass this tap",
                "payloads in another order (\(FindingID.dpdPayloadOrder.text))",
            ])
    }

    /// At least two questions of `role` are unanswered, and its peer sends ESP behind the second, as it does itself
    /// behind the first.
    static func isAlive(_ attempt: Attempt, _ role: Role, _ pair: PairCase) -> Bool {
        let tail = attempt.unansweredQuestions(of: role)
        guard tail.count >= 3, let first = tail.first, let last = tail.last else { return false }
        func isSending(_ address: IPAddress) -> Bool {
            pair.accounts.contains {
                $0.source == address && $0.packets > 1 && $0.enclosure.depth == 0 && $0.firstTime < last.time
                    && $0.lastTime > tail[1].time && $0.lastTime > first.time
            }
        }
        return isSending(attempt.address(role)) && isSending(attempt.address(role.other))
    }
}
