import ScopeDissect
import ScopeModel
import ScopeWire

/// The keys that IKEScope was given are wrong, and the tunnel is right.
struct WrongKeysGiven: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
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
}
