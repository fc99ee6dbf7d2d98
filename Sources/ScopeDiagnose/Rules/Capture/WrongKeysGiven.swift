import ScopeDissect
import ScopeModel
import ScopeWire

/// The keys that IKEScope was given are wrong, and the tunnel is right.
struct WrongKeysGiven: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // Keys that need what the capture cut off open nothing, and are not wrong.
        guard pair.cutFrames.isEmpty else { return [] }
        if let other = preShared(attempt) { return [other] }
        guard case .wrong(let why) = attempt.keys, !attempt.quickModes.isEmpty || attempt.isUp,
            let message = attempt.proofOfInitiator
        else { return [] }
        return [
            Finding(
                .dhOrKeysWrong, .proved, peers: attempt.peers, frames: [message.firstFrame],
                summary: "the keys given to IKEScope do not open this negotiation, although it continued",
                evidence: [why, "\(attempt.ios.childFollows), so the two sides agree"],
                advice: [Finding.Advice("give the keys of this negotiation: DH exponents are new each time")]
            )
        ]
    }

    /// A tunnel came up, and AUTH of a side was made with none of the given pre-shared keys.
    private func preShared(_ attempt: Attempt) -> Finding? {
        guard attempt.isUp, !attempt.usesEAP else { return nil }
        let unfit = attempt.authentications.first { message in
            guard case .failed? = message.authentication?.proof else { return false }
            return message.method?.usesPSK ?? false
        }
        guard let unfit else { return nil }
        return Finding(
            .dhOrKeysWrong, .proved, peers: attempt.peers, frames: [unfit.firstFrame],
            summary:
                "no pre-shared key given to IKEScope is that of \(attempt.address(unfit.sender)), although the tunnel came up",
            evidence: [
                "AUTH of \(attempt.address(unfit.sender)) is right with none of them; the other side accepted it"
            ],
            advice: [Finding.Advice("give the pre-shared key of these two peers")])
    }
}
