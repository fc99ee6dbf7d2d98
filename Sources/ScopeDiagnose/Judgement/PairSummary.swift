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
            ?? Self.standing(pair, hasNotes: worst != nil)
        let alive = pair.attempts.filter { $0.isAuthenticated && !$0.isDeleted }
        let pairs = pair.attempts.filter { !$0.isTurnedDown }.flatMap(\.pairs).filter { !$0.isDeleted }
        var overview = PeerOverview(
            initiator: pair.initiator, responder: pair.responder, attempts: pair.attempts.count + pair.olderAttempts,
            reached: Self.reached(pair), ikeSAs: alive.count, ipsecSAs: pairs.count,
            sent: pair.packets(sent: true),
            received: pair.packets(sent: false), verdict: verdict,
            severity: worst?.severity)
        overview.place = pair.place
        self.overview = overview
    }

    /// Where there are notes alone, or nothing: what visibly came about, for nothing else is "up".
    private static func standing(_ pair: PairCase, hasNotes: Bool) -> String {
        if let up = pair.attempts.last(where: { $0.isUp || $0.hasGroupKeys }) {
            if up.isChildGuessed { return "cut by the capture: whether a child SA came up is not known" }
            // Where the choice of algorithms is cut off, so are notifications in the clear.
            if up.isFromStart, up.sa.suite == nil, !pair.cutFrames.isEmpty {
                return "it came up; how it went on is not known, as messages are cut"
            }
            return Self.up(pair, hasNotes ? "up" : "nothing wrong")
        }
        if let strange = strange(pair) { return strange }
        guard let last = pair.attempts.last else { return absent(pair) }
        if pair.cutMessages > 0 { return "messages are cut inside their header: not judged further" }
        if pair.attempts.contains(where: \.isAuthenticated) {
            if last.childlessAnswer != nil { return "up, without a child SA" }
            return last.isFromStart ? "\(last.ios.phase1) is up, no \(last.ios.phase2Word) seen" : late(pair)
        }
        return last.isFromStart ? "not up: it came to \(last.furthest)" : late(pair)
    }

    /// What came up may have died, or have gone one way: time alone tells.
    private static func up(_ pair: PairCase, _ verdict: String) -> String {
        pair.hasClock ? verdict : "it came up; how it went on is not known without a clock"
    }

    /// The capture begins in the middle: what stood before it is not known, but what passes is.
    private static func late(_ pair: PairCase) -> String {
        if pair.isFlowing { return up(pair, "up") }
        if pair.attempts.allSatisfy(\.isUnaskedAnswer) { return "an answer to a question that is not in the capture" }
        if pair.attempts.contains(where: \.isAnsweredUnderKeys) {
            return "the IKE SA lives, no traffic of both sides seen"
        }
        return "the capture begins in the middle: nothing shows that it is up"
    }

    private static func absent(_ pair: PairCase) -> String {
        if pair.isFlowing { return up(pair, "up") }
        if !pair.accounts.isEmpty { return pair.responder.isMulticast ? "to a group" : "ESP or AH of one side alone" }
        if pair.strays > 0 { return "IKE messages of no negotiation" }
        let hasCutTraffic = pair.accounts.isEmpty && pair.cutPackets != (0, 0)
        return pair.cutMessages > 0 || pair.hasCutUDP || hasCutTraffic
            ? "cut by the capture: not judged" : "no IKE seen"
    }

    /// Exchanges that are listed and not followed.
    private static func strange(_ pair: PairCase) -> String? {
        guard let exchange = pair.attempts.last?.messages.lazy.compactMap(\.strangeExchange).first else { return nil }
        return "not judged: \(exchange.name ?? "exchange type \(exchange.rawValue)")"
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
    /// A child is inferred from the length of an answer, and the algorithms are cut off that would say what that holds.
    fileprivate var isChildGuessed: Bool {
        sa.version == .v2 && isFromStart && sa.suite == nil && pairs.isEmpty && !hasTraffic
    }

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

    /// Members of a group have its keys, and make no SA of their own.
    fileprivate var hasGroupKeys: Bool {
        guard sa.isGroup else { return false }
        let last = messages.compactMap { message -> Int? in
            if case .v1(.groupKeyPull(let number)) = message.step { number } else { nil }
        }.max()
        return last.map { $0 >= 4 } ?? sa.isEstablished
    }

    /// Both sides send what only the keys of the IKE SA make, and what asks is answered.
    fileprivate var isAnsweredUnderKeys: Bool {
        [Role.initiator, .responder].allSatisfy { role in
            messages.contains { $0.sender == role && $0.isEncrypted && !$0.step.isOfSetUp }
        }
    }
}

extension PairCase {
    /// ESP or AH of both sides passes.
    fileprivate var isFlowing: Bool {
        [initiator, responder].allSatisfy { source in
            accounts.contains { $0.source == source && $0.packets > 0 && $0.enclosure.depth == 0 }
        }
    }
}
