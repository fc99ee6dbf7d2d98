import ScopeDissect
import ScopeModel
import ScopeWire

/// The responder takes none of the phase 1 transforms, or does not know the peer.
struct Phase1Refused: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard attempt.isFromStart, attempt.sa.position <= 3 else { return [] }
        let refusals = attempt.sent(by: .responder).filter { !$0.isEncrypted && $0.step == .informational }
        if let refusal = refusals.first(where: { $0.has(14) }), attempt.sa.position <= 1 {
            return [proposal(attempt, refusal, in: pair)]
        }
        if let refusal = refusals.first(where: { $0.has(17) }) { return [noKey(attempt, refusal)] }
        if let refusal = refusals.first(where: { $0.has(16) || $0.has(15) || $0.has(1) }) {
            let name = refusal.notifications.first.map { "\($0.type)" } ?? ""
            return [
                Finding(
                    "v1-malformed-clear", .error, .proved, .phase1, peers: attempt.peers,
                    frames: [attempt.firstFrame] + refusal.frames.prefix(1),
                    summary: "\(attempt.responder) cannot read the phase 1 messages of \(attempt.initiator) (\(name))",
                    evidence: ["\(name) in the clear before any message was encrypted"],
                    advice: [
                        Finding.Advice("look for a software fault on either side, or for a device that alters packets")
                    ])
            ]
        }
        return []
    }

    private func proposal(_ attempt: Attempt, _ refusal: Attempt.Message, in pair: PairCase) -> Finding {
        let (initiator, responder) = (attempt.initiator, attempt.responder)
        let frames = [attempt.firstFrame] + refusal.frames.prefix(1)
        // strongSwan names no SPI where it does not know the peer, and both cookies where no proposal fits.
        let namesSA = (refusal.notifications.first { $0.type.rawValue == 14 }?.spiLength ?? 0) > 0
        guard namesSA else {
            return Finding(
                "no-key-for-peer", .error, .possible, .phase1, peers: attempt.peers, frames: frames,
                summary: "\(responder) refuses \(initiator) altogether: it seems not to know this peer",
                evidence: ["message 1 is answered by NO-PROPOSAL-CHOSEN that names no SA (\(refusal.length) bytes)"],
                advice: [
                    Finding.Advice(
                        "configure the peer \(initiator), with its key, for IKEv1", on: responder,
                        ios: [
                            "crypto isakmp key KEY address \(initiator)", "crypto map MAP 10 ipsec-isakmp",
                            " set peer \(initiator)",
                        ])
                ],
                lookAlikes: [
                    "no common proposal (p1-proposal-mismatch)",
                    "a responder that speaks IKEv2 alone (version-mismatch)",
                ])
        }
        let comparison = ProposalComparison(attempt, pair)
        return Finding(
            "p1-proposal-mismatch", .error, .proved, .phase1, peers: attempt.peers, frames: frames,
            summary: "\(responder) accepts none of the phase 1 proposals of \(initiator)" + comparison.conclusion,
            evidence: ["message 1 is answered by NO-PROPOSAL-CHOSEN"] + comparison.lines,
            advice: [
                Finding.Advice(
                    comparison.isKnown
                        ? "make one phase 1 policy the same on both sides"
                        : "compare with the phase 1 policies there: the capture shows none of them", on: responder,
                    ios: ["show crypto isakmp policy"] + (comparison.policy ?? []))
            ])
    }

    private func noKey(_ attempt: Attempt, _ refusal: Attempt.Message) -> Finding {
        Finding(
            "no-key-for-peer", .error, .likely, .authentication, peers: attempt.peers,
            frames: [attempt.firstFrame] + refusal.frames.prefix(1),
            summary: "\(attempt.responder) has no pre-shared key for \(attempt.initiator)",
            evidence: [
                "INVALID-KEY-INFORMATION in the clear after Main Mode message \(attempt.sa.position), instead of message 4"
            ],
            advice: [
                Finding.Advice(
                    "add the key for this address", on: attempt.responder,
                    ios: ["crypto isakmp key KEY address \(attempt.initiator)"])
            ])
    }
}

/// What one side offers and what is known of the other, attribute by attribute.
struct ProposalComparison {
    /// One line per offered transform, and what the other side is known to use.
    var lines: [String] = []
    /// `: encryption differs`, where exactly that is seen.
    var conclusion = ""
    var isKnown = false
    /// IOS lines of the policy that would fit the first offer.
    var policy: [String]?

    private static let attributes: [(name: String, number: UInt16)] = [
        ("encryption", 1), ("key length", 14), ("hash", 2), ("group", 4), ("authentication", 3),
    ]

    init(_ attempt: Attempt, _ pair: PairCase) {
        let offered = (attempt.offer?.proposals ?? []).flatMap(\.transforms)
        for transform in offered.prefix(8) {
            lines.append(
                "\(attempt.initiator) offers transform \(transform.number): \(TransformText.phase1(transform))")
        }
        if offered.count > 8 { lines.append("and \(offered.count - 8) more") }
        policy = offered.first.map(Self.policy)
        // What the responder offers when it begins itself, or chose elsewhere.
        let own = pair.attempts.filter { $0.sa.id != attempt.sa.id }.flatMap { other -> [Transform] in
            if other.initiator == attempt.responder { return (other.offer?.proposals ?? []).flatMap(\.transforms) }
            return other.responder == attempt.responder ? [other.sa.chosen].compactMap { $0 } : []
        }
        guard !own.isEmpty else { return }
        isKnown = true
        for transform in own.prefix(4) {
            lines.append("\(attempt.responder) uses elsewhere: \(TransformText.phase1(transform))")
        }
        let differing = Self.attributes.filter { attribute in
            let mine = Set(offered.map { TransformText.phase1($0, attribute: attribute.number) })
            return mine.isDisjoint(with: own.map { TransformText.phase1($0, attribute: attribute.number) })
        }
        if !differing.isEmpty {
            conclusion =
                ": " + differing.map(\.name).joined(separator: " and ") + " differ" + (differing.count == 1 ? "s" : "")
        }
    }

    private static func policy(_ transform: Transform) -> [String] {
        var lines = ["crypto isakmp policy 10"]
        switch (transform.value(1), transform.value(14)) {
        case (7, let bits): lines.append(" encryption aes" + (bits.map { $0 == 128 ? "" : " \($0)" } ?? ""))
        case (5, _): lines.append(" encryption 3des")
        case (1, _): lines.append(" encryption des")
        default: break
        }
        switch transform.value(2) {
        case 1: lines.append(" hash md5")
        case 2: lines.append(" hash sha")
        case 4: lines.append(" hash sha256")
        case 5: lines.append(" hash sha384")
        case 6: lines.append(" hash sha512")
        default: break
        }
        if let group = transform.value(4) { lines.append(" group \(group)") }
        switch transform.value(3) {
        case 1: lines.append(" authentication pre-share")
        case 3: lines.append(" authentication rsa-sig")
        default: break
        }
        return lines
    }
}
