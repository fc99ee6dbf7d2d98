import ScopeDissect
import ScopeModel
import ScopeWire

/// One row of the overview.
struct PairSummary {
    let overview: PeerOverview

    init(_ pair: PairCase, _ findings: [Finding]) {
        // How strong the algorithms are is told below: it is not why a tunnel fails.
        let worst = findings.first { $0.layer != .hygiene }
        let verdict =
            worst.flatMap { $0.severity >= .warning ? $0.summary : nil }
            ?? (Self.isIKEv2Alone(pair)
                ? "IKEv2, not judged yet"
                : worst != nil ? "up" : pair.attempts.isEmpty ? "no IKE seen" : "nothing wrong")
        let alive = pair.attempts.filter { $0.sa.isEstablished && !$0.isDeleted }
        let pairs = pair.attempts.flatMap(\.pairs).filter { !$0.isDeleted }
        overview = PeerOverview(
            initiator: pair.initiator, responder: pair.responder, attempts: pair.attempts.count + pair.olderAttempts,
            reached: Self.reached(pair), ikeSAs: alive.count, ipsecSAs: pairs.count,
            sent: pair.packets(sent: true),
            received: pair.packets(sent: false), verdict: verdict,
            severity: worst?.severity)
    }

    /// IKEv1 made nothing between the two, and IKEv2 is there.
    private static func isIKEv2Alone(_ pair: PairCase) -> Bool {
        pair.attempts.isEmpty
            ? pair.ikev2.isPresent
            : pair.ikev2.mayHaveBuilt && !pair.attempts.contains { $0.sa.isEstablished || $0.isUp }
    }

    /// The furthest that an attempt came.
    private static func reached(_ pair: PairCase) -> String {
        if isIKEv2Alone(pair) { return "IKEv2" }
        if pair.attempts.isEmpty { return pair.accounts.isEmpty ? "-" : "only ESP or AH" }
        if pair.attempts.contains(where: { $0.isUp }) { return "phase 2" }
        if pair.attempts.contains(where: { $0.sa.isEstablished }) { return "phase 1" }
        let best = pair.attempts.max { $0.sa.position < $1.sa.position }
        guard let best, let mode = best.sa.mode else { return "-" }
        return mode == .aggressive ? "Aggressive Mode \(best.sa.position)" : "Main Mode \(best.sa.position)"
    }
}
