import ScopeDissect
import ScopeModel
import ScopeWire

/// A side says that it has no older SAs: a fact.
struct InitialContact: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let message = attempt.messages.first(where: { $0.has(.initialContact) }) else { return [] }
        return [
            Finding(
                .initialContact, .proved, peers: attempt.peers, frames: [message.firstFrame],
                summary: "\(attempt.address(message.sender)) asks its peer to drop older SAs (INITIAL-CONTACT)",
                evidence: ["it has no SAs itself: it was restarted, or this is its first tunnel to this peer"])
        ]
    }
}
