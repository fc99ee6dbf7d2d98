import ScopeDissect
import ScopeModel
import ScopeWire

/// One row of the overview.
struct PairSummary {
    let overview: PeerOverview

    init(_ pair: PairCase, _ findings: [Finding]) {
        // How strong the algorithms are is told below: it is not why a tunnel fails.
        let worst = findings.first { $0.layer != .hygiene }
        // What stops half way is not up, however little there is to be said against it.
        let open = pair.attempts.last.flatMap { last in
            last.isUp ? nil : findings.first { $0.id == .stalled && $0.ikeSA == last.sa.id }
        }
        let verdict =
            worst.flatMap { $0.severity >= .warning ? $0.summary : nil } ?? open?.summary
            ?? (worst != nil ? Self.standing(pair) : pair.attempts.isEmpty ? Self.absent(pair) : Self.silent(pair))
        let alive = pair.attempts.filter { $0.isAuthenticated && !$0.isDeleted }
        let pairs = pair.attempts.filter { !$0.isTurnedDown }.flatMap(\.pairs).filter { !$0.isDeleted }
        overview = PeerOverview(
            initiator: pair.initiator, responder: pair.responder, attempts: pair.attempts.count + pair.olderAttempts,
            reached: Self.reached(pair), ikeSAs: alive.count, ipsecSAs: pairs.count,
            sent: pair.packets(sent: true),
            received: pair.packets(sent: false), verdict: verdict,
            severity: worst?.severity)
    }

    /// Where there are notes alone.
    private static func standing(_ pair: PairCase) -> String {
        if let strange = strange(pair) { return strange }
        if let last = pair.attempts.last, last.isPromising, !pair.attempts.contains(where: \.isUp) {
            return last.childlessAnswer == nil ? "no child SA seen" : "up, without a child SA"
        }
        return "up"
    }

    private static func absent(_ pair: PairCase) -> String {
        if pair.strays > 0 { return "IKE messages of no negotiation" }
        let hasCutTraffic = pair.accounts.isEmpty && pair.cutPackets != (0, 0)
        return pair.cutMessages > 0 || pair.hasCutUDP || hasCutTraffic ? "cut by the capture: not judged" : "no IKE seen"
    }

    /// Exchanges that are listed and not followed.
    private static func strange(_ pair: PairCase) -> String? {
        guard !pair.attempts.contains(where: \.isUp),
            let exchange = pair.attempts.last?.messages.lazy.compactMap(\.strangeExchange).first
        else { return nil }
        return "not judged: \(exchange.name ?? "exchange type \(exchange.rawValue)")"
    }

    /// Where there is nothing at all to be said.
    private static func silent(_ pair: PairCase) -> String {
        if let strange = strange(pair) { return strange }
        return pair.attempts.contains { $0.isUp || !$0.isPromising } ? "nothing wrong" : "no child SA seen"
    }

    /// The furthest that an attempt came.
    private static func reached(_ pair: PairCase) -> String {
        if pair.attempts.isEmpty { return pair.accounts.isEmpty ? "-" : "only ESP or AH" }
        if let last = pair.attempts.last(where: { $0.isUp }) { return last.furthest }
        if let last = pair.attempts.last(where: { $0.isAuthenticated }) { return last.furthest }
        return pair.attempts.max { ($0.sa.position, $0.sa.stage) < ($1.sa.position, $1.sa.stage) }?.furthest ?? "-"
    }
}

extension Attempt {
    /// In the words of its version, how far it came.
    var furthest: String {
        switch sa.version {
        case .v1:
            if isUp { return "phase 2" }
            if sa.isEstablished { return "phase 1" }
            guard let mode = sa.mode else { return "-" }
            return mode == .aggressive ? "Aggressive Mode \(sa.position)" : "Main Mode \(sa.position)"
        case .v2:
            if isUp { return "child" }
            return authentications.isEmpty ? messages.contains(where: \.isInitial) ? "IKE_SA_INIT" : "-" : "IKE_AUTH"
        }
    }

    /// A child is to be seen where it came about: nothing less is a tunnel.
    var isPromising: Bool { sa.version == .v2 && !sa.isGroup }
}
