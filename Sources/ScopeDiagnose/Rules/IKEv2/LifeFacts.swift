import ScopeDissect
import ScopeModel
import ScopeWire

/// An end of an IKE SA moves to another address (RFC 4555): a fact.
struct MobikeMove: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let told = attempt.messages.filter { $0.purpose == .addresses && !$0.step.isAnswer }
        // Who is seen now here, now there is on both sides of a NAT.
        let moved = attempt.moves.first { move in attempt.moves.count { $0.role == move.role } == 1 }
        guard let first = told.first?.firstFrame ?? moved?.frame else { return [] }
        let role = told.first?.sender ?? moved?.role ?? .initiator
        // A confirmation of where both are is no move.
        guard let move = attempt.moves.first(where: { $0.role == role }) else { return [] }
        return [
            Finding(
                .mobikeMove, told.isEmpty ? .likely : .proved, peers: attempt.peers,
                frames: Array(Set([first, move.frame])).sorted(),
                summary: "\(attempt.address(role)) moves from \(move.from) to \(move.to), with the same IKE SA",
                evidence: [
                    told.isEmpty
                        ? "messages with the same SPIs come from another address"
                        : "UPDATE_SA_ADDRESSES in frame \(first)"
                ],
                advice: [Finding.Advice("not a fault; filters have to let the new address pass")],
                lookAlikes: told.isEmpty ? ["a NAT that gives it another address"] : [])
        ]
    }
}

/// A new IKE SA takes the place of one that works, with all its proofs: a fact.
struct Reauthentication: Rule {
    /// Both are there for so long.
    private static let overlap: Int64 = 10_000_000_000

    func findings(_ pair: PairCase) -> [Finding] {
        pair.attempts.indices.dropFirst().compactMap { index in
            let new = pair.attempts[index]
            guard new.sa.version == .v2, new.isUp, new.isFromStart, pair.crossed(by: new) == nil,
                let old = pair.attempts[..<index].last(where: {
                    $0.sa.version == .v2 && $0.isUp && $0.initiator == new.initiator
                }),
                let end = old.deletions.last(where: { if case .ike = $0.sa { true } else { false } }),
                end.time.since(new.first).magnitude < UInt64(Self.overlap)
            else { return nil }
            let isBefore = end.time < new.first
            return Finding(
                .reauth, .proved, peers: new.peers, ikeSA: new.sa.id, frames: [end.frame, new.firstFrame].sorted(),
                summary:
                    "\(new.initiator) authenticates anew with \(new.responder): a new IKE SA takes the place of the old one",
                evidence: [
                    isBefore
                        ? "the old IKE SA is deleted \(Words.seconds(from: end.time, to: new.first)) before the new one begins"
                        : "the old IKE SA is deleted \(Words.seconds(from: new.first, to: end.time)) after the new one began"
                ],
                advice: [
                    Finding.Advice(
                        isBefore
                            ? "not a fault; traffic stops in between (strongSwan: reauth_time = 0 rekeys instead)"
                            : "not a fault")
                ])
        }
    }
}

/// Both sides rekey the IKE SA at once, or one refuses because the other is at it (RFC 7296 sections 2.8 and 2.25).
struct RekeyCrossing: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let refused = attempt.messages.filter { $0.step.isAnswer && $0.has(.busy) }
        if let first = refused.first {
            return [
                finding(
                    attempt, Attempt.frames(refused), .proved,
                    "\(attempt.address(first.sender)) refuses to rekey for now: it is at it itself (TEMPORARY_FAILURE)",
                    evidence: "\(Words.count(refused.count, "answer")) with TEMPORARY_FAILURE")
            ]
        }
        // What cannot be read may be for anything that a CREATE_CHILD_SA is for.
        let asked = attempt.messages.filter {
            !$0.step.isAnswer && ($0.purpose == .rekeyedIKE || $0.step.asksForChild && !$0.isOpened)
        }
        for (earlier, later) in zip(asked, asked.dropFirst()) where earlier.sender != later.sender {
            guard let answer = attempt.answer(to: earlier), later.time < answer.time,
                earlier.exchange.part == later.exchange.part
            else { continue }
            let isRead = earlier.isOpened && later.isOpened
            return [
                finding(
                    attempt, [earlier.firstFrame, later.firstFrame], isRead ? .proved : .likely,
                    "\(attempt.initiator) and \(attempt.responder) \(isRead ? "rekey the IKE SA" : "send CREATE_CHILD_SA") at the same time",
                    evidence:
                        "\(attempt.address(later.sender)) begins \(Words.seconds(from: earlier.time, to: later.time)) after \(attempt.address(earlier.sender)), before that one is answered"
                )
            ]
        }
        return []
    }

    private func finding(
        _ attempt: Attempt, _ frames: [Int], _ certainty: Finding.Certainty, _ summary: String, evidence: String
    ) -> Finding {
        Finding(
            .rekeyCollision, certainty, peers: attempt.peers, frames: frames, summary: summary, evidence: [evidence],
            advice: [
                Finding.Advice(
                    "set different lifetimes, or let only one side rekey", on: attempt.responder,
                    ios: ["crypto ikev2 profile NAME", " lifetime 82800"])
            ])
    }
}

/// IKE_AUTH goes in IP fragments, because a side does not do IKE fragmentation (RFC 7383): a fact.
struct FragmentationNotAgreed: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let answer = attempt.firstAnswer,
            let large = attempt.messages.first(where: {
                $0.isEncrypted && $0.isFragmented && $0.pieces == nil && !$0.wasInPieces
            })
        else { return [] }
        let lacking = [Role.initiator, .responder].filter { role in
            !attempt.messages.contains { message in
                message.isInitial && message.sender == role
                    && message.notifications.contains { $0.type == .v2(.fragmentationSupported) }
            }
        }
        guard !lacking.isEmpty else { return [] }
        let names = lacking.map { "\(attempt.address($0))" }.joined(separator: " and ")
        return [
            Finding(
                .v2UnsupportedFrag, .proved, peers: attempt.peers, frames: [answer.firstFrame, large.firstFrame],
                summary:
                    "large IKE messages go in IP fragments: \(names) \(lacking.count == 1 ? "does" : "do") not offer IKE fragmentation",
                evidence: [
                    "no IKEV2_FRAGMENTATION_SUPPORTED in IKE_SA_INIT of \(names)",
                    "\(large.name) of \(large.length) bytes came in IP fragments",
                ],
                advice: [
                    Finding.Advice(
                        "switch IKE fragmentation on on both sides: many paths drop IP fragments",
                        ios: ["crypto ikev2 fragmentation mtu 1200"])
                ])
        ]
    }
}
